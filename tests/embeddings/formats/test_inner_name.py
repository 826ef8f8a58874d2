"""The name inside a file follows the file's name; nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding_file, write_embedding
from traintab.embeddings.formats.inner_name import with_inner_name
from traintab.errors import EmbeddingFileError

ROWS = torch.arange(2 * 768, dtype=torch.float32).reshape(2, 768) / 768
A1111 = {
    "string_to_token": {"*": 265},
    "string_to_param": {"*": ROWS},
    "name": "mira",
    "step": 499,
    "sd_checkpoint": "cc6cb27103",
    "sd_checkpoint_name": "v1-5",
}


def renamed(path: Path) -> bytes | None:
    return with_inner_name(path, path.read_bytes(), "nova")


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_dictionary_of_a1111_gets_the_new_name_and_keeps_all_else(tmp_path: Path, is_zip: bool) -> None:
    path = tmp_path / "mira.pt"
    torch.save(A1111, path, _use_new_zipfile_serialization=is_zip)
    path.write_bytes(renamed(path) or b"")
    found = torch.load(path, weights_only=True)
    assert found.pop("name") == "nova"
    assert torch.equal(found.pop("string_to_param")["*"], ROWS)
    assert found == {key: A1111[key] for key in found}
    assert len(found) == len(A1111) - 2


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_comment_goes_with_the_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mira{suffix}"
    write_embedding(Embedding(name="mira", vectors={"clip_l": ROWS}, comment="Of felt."), path)
    path.write_bytes(renamed(path) or b"")
    found = read_embedding_file(path)
    assert (found.inner_name, found.embedding.comment) == ("nova", "Of felt.")


@pytest.mark.parametrize(
    "changes",
    [
        {"notes": "mine"},
        {"string_to_token": {"*": torch.tensor(265)}},
        {"string_to_param": {"*": ROWS.half()}},
        {"string_to_param": {"*": ROWS, "more": 1}},
        {"name": "mi\x1bra"},
        {"sd_checkpoint_name": "x" * 300},
        {"name": None},
    ],
    ids=["a field of its own", "a tensor", "half precision", "two entries", "unseen", "long", "no name"],
)
def test_a_dictionary_that_would_lose_something_stays(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "mira.pt"
    torch.save({**A1111, **changes}, path)
    if changes == {"string_to_param": {"*": ROWS, "more": 1}}:
        with pytest.raises(EmbeddingFileError):
            renamed(path)
    else:
        assert renamed(path) is None


def test_title_and_trigger_phrase_follow_and_strange_fields_stay(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    metadata = {"modelspec.title": "mira", "modelspec.trigger_phrase": "mira", "ss_tag": "caf\u00e9 mira"}
    tensors = {"emb_params": ROWS.to(torch.bfloat16)}
    safetensors.torch.save_file(tensors, path, metadata)
    path.write_bytes(renamed(path) or b"")
    with safetensors.safe_open(path, "pt") as file:
        assert file.metadata() == metadata | dict.fromkeys(list(metadata)[:2], "nova")
        assert torch.equal(file.get_tensor("emb_params"), tensors["emb_params"])
    assert read_embedding_file(path).inner_name == "nova"


def test_a_title_that_says_something_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    metadata = {"modelspec.title": "A portrait of Mira", "modelspec.trigger_phrase": "mira"}
    safetensors.torch.save_file({"emb_params": ROWS}, path, metadata)
    path.write_bytes(renamed(path) or b"")
    header = path.read_bytes()[8:]
    assert json.loads(header[: header.index(b"}}") + 2].decode())["__metadata__"] == metadata | {
        "modelspec.trigger_phrase": "nova"
    }


@pytest.mark.parametrize("name", ["mira.bin", "mira.png", "bare.safetensors"])
def test_tokens_pictures_and_files_without_a_name_stay(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "bare.safetensors":
        safetensors.torch.save_file({"emb_params": ROWS}, path)
    else:
        write_embedding(Embedding(name="mira", vectors={"clip_l": ROWS}), path)
    assert renamed(path) is None


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mira.pt"
    path.write_bytes(b"nonsense")
    with pytest.raises(EmbeddingFileError):
        renamed(path)
