from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.embeddings.library import EmbeddingLibrary
from traintab.embeddings.rows import embedding_rows, row_of_file


def write(path: Path, *, width: int = 32) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    vectors = {"clip_l": torch.full((2, width), 0.5)}
    write_embedding(
        Embedding(name=path.stem, vectors=vectors, step=7, sd_checkpoint_name="tiny", sd_checkpoint="ab"),
        path,
    )
    return path


def library(folder: Path) -> EmbeddingLibrary:
    found = EmbeddingLibrary(folder)
    found.refresh()
    return found


@pytest.mark.parametrize(
    ("suffix", "layout"), [(".pt", "webui"), (".safetensors", "emb_params"), (".png", "card")]
)
def test_a_sound_file_is_told_in_full(tmp_path: Path, suffix: str, layout: str) -> None:
    path = write(tmp_path / f"cat{suffix}", width=16)
    assert row_of_file(path) == {
        "path": str(path),
        "name": "cat",
        "status": "ok",
        "reason": "",
        "format": layout,
        "encoders": {"clip_l": [2, 16]},
        "step": 7,
        "sd_checkpoint_name": "tiny",
        "norms": {"clip_l": [2.0, 2.0]},
        "negative_sibling": None,
    }


def test_a_refused_file_has_the_same_keys_and_the_reason(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pt"
    bad.write_bytes(b"nonsense")
    row = row_of_file(bad)
    assert set(row) == set(row_of_file(write(tmp_path / "good.pt")))
    assert (row["status"], row["name"], row["encoders"]) == ("refused", "bad", {})
    assert "bad.pt was refused" in row["reason"]


def test_a_library_is_judged_against_a_model(tmp_path: Path) -> None:
    for name in ("b.pt", "A.safetensors"):
        write(tmp_path / name)
    write(tmp_path / "wide.bin", width=768)
    write(tmp_path / "sub" / "b.pt")
    (tmp_path / "bad.pt").write_bytes(b"nonsense")
    rows = embedding_rows(library(tmp_path), {"clip_l": 32})
    assert [(row["name"], row["status"], row["format"]) for row in rows] == [
        ("A", "ok", "emb_params"),
        ("b", "ok", "webui"),
        ("bad", "refused", None),
        ("b", "refused", None),
        ("wide", "other_model", "diffusers"),
    ]
    assert "already belongs to b.pt" in rows[3]["reason"]
    assert "another model" in rows[4]["reason"]


def test_a_negative_beside_a_file_is_told(tmp_path: Path) -> None:
    path, negative = write(tmp_path / "mira.pt"), write(tmp_path / "mira-neg.safetensors")
    write(tmp_path / "sub" / "mira-neg.pt", width=64)
    assert row_of_file(path)["negative_sibling"] == str(negative)
    rows = embedding_rows(library(tmp_path), {"clip_l": 32})
    assert [row["negative_sibling"] for row in rows] == [str(negative), None, None]


def test_a_negative_that_cannot_be_used_makes_no_pair_in_a_library(tmp_path: Path) -> None:
    write(tmp_path / "mira.pt")
    (tmp_path / "mira-neg.pt").write_bytes(b"nonsense")
    assert embedding_rows(library(tmp_path), {"clip_l": 32})[0]["negative_sibling"] is None


def test_rows_are_plain_json(tmp_path: Path) -> None:
    write(tmp_path / "a.pt")
    rows = embedding_rows(library(tmp_path), {"clip_l": 32})
    assert json.loads(json.dumps(rows)) == rows


def test_a_name_that_cannot_be_typed_is_warned_of_and_the_file_is_usable(tmp_path: Path) -> None:
    row = row_of_file(write(tmp_path / "style (v2).pt"))
    assert (row["name"], row["status"]) == ("style (v2)", "ok")
    assert "'(' at character 7" in row["reason"]
