from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding

KEYS = {
    *("path", "name", "status", "reason", "format", "encoders", "step", "sd_checkpoint_name", "norms"),
    "negative_sibling",
}


def write(path: Path, width: int = 32, **vectors: torch.Tensor) -> Path:
    tensors = vectors or {"clip_l": torch.full((2, width), 0.5)}
    write_embedding(Embedding(name=path.stem, vectors=tensors, step=7), path)
    return path


def test_inspect_judges_each_file_alone_and_goes_on_after_a_refused_one(line: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.pt").write_bytes(b"nonsense")
    good = write(tmp_path / "good.pt", width=16)
    answer = line("embeddings", "inspect", tmp_path / "bad.pt", good, "--json")
    assert answer.status == 2
    assert len(answer.err.splitlines()) == 1
    refused, sound = answer.objects
    assert set(refused) == set(sound) == KEYS
    assert (refused["status"], refused["path"]) == ("refused", str(tmp_path / "bad.pt"))
    assert "bad.pt was refused" in refused["reason"]
    assert sound["status"] == "ok"
    assert sound["encoders"] == {"clip_l": [2, 16]}
    assert sound["norms"] == {"clip_l": [2.0, 2.0]}
    assert (sound["format"], sound["step"]) == ("webui", 7)


def test_inspect_of_sound_files_is_a_success(line: Any, tmp_path: Path) -> None:
    answer = line("embeddings", "inspect", write(tmp_path / "good.safetensors"))
    assert (answer.status, answer.err) == (0, "")
    assert "good  ok  clip_l 2x32  step 7" in answer.out


def test_what_a_terminal_would_obey_in_a_file_name_is_escaped(line: Any, tmp_path: Path) -> None:
    bad = tmp_path / "a\x1b[31m\u202e.pt"
    bad.write_bytes(b"nonsense")
    answer = line("embeddings", "inspect", bad)
    assert "a\\u001b[31m\\u202e  refused" in answer.out
    assert not {"\x1b", "\u202e"} & set(answer.out + answer.err)


def test_inspect_of_a_missing_file_is_refused(line: Any, tmp_path: Path) -> None:
    answer = line("embeddings", "inspect", tmp_path / "none.pt")
    assert answer.status == 2
    assert "none.pt" in answer.err


def test_list_judges_the_folder_against_the_model(line: Any, cat: Path, tiny_model_dir: Path) -> None:
    write(cat.with_name("wide.pt"), width=768)
    cat.with_name("broken.pt").write_bytes(b"nonsense")
    answer = line("embeddings", "list", "--model", tiny_model_dir, "--json")
    assert answer.status == 0
    assert {row["name"]: row["status"] for row in answer.objects} == {
        "cat": "ok",
        "wide": "other_model",
        "broken": "refused",
    }
    assert all(set(row) == KEYS for row in answer.objects)


def test_an_empty_folder_is_said(line: Any, tiny_model_dir: Path) -> None:
    answer = line("embeddings", "list", "--model", tiny_model_dir)
    assert answer.status == 0
    assert "There are no embeddings in" in answer.out


def test_inspect_lists_what_a_lora_brings_along_one_by_one(line: Any, tmp_path: Path) -> None:
    answer = line("embeddings", "inspect", lora(tmp_path / "lora.safetensors"), "--json")
    assert answer.status == 0
    assert [(row["name"], row["encoders"]) for row in answer.objects] == [
        ("one", {"clip_l": [1, 768]}),
        ("two", {"clip_l": [2, 768]}),
    ]


def test_inspect_refuses_the_one_bad_embedding_of_a_lora_beside_the_good_ones(
    line: Any, tmp_path: Path
) -> None:
    path = lora(tmp_path / "lora.safetensors", three=torch.ones(76, 768))
    answer = line("embeddings", "inspect", path, "--json")
    assert answer.status == 2
    assert [(row["name"], row["status"]) for row in answer.objects] == [
        ("one", "ok"),
        ("three", "refused"),
        ("two", "ok"),
    ]
    assert all(set(row) == KEYS for row in answer.objects)
    assert "The embedding 'three' in" in answer.objects[1]["reason"]
    assert "found 76 vectors" in answer.err


def test_an_embedding_and_its_negative_are_shown_as_a_pair(
    line: Any, cat: Path, tiny_model_dir: Path
) -> None:
    negative = write(cat.with_name("cat-neg.pt"))
    for arguments in (("inspect", cat), ("list", "--model", tiny_model_dir)):
        shown = line("embeddings", *arguments).out.splitlines()[0]
        assert "with cat-neg.pt for the negative prompt" in shown
        told = line("embeddings", *arguments, "--json").objects
        assert [row["negative_sibling"] for row in told] == [str(negative), None][: len(told)]


def lora(path: Path, **more: torch.Tensor) -> Path:
    """A LoRA by the description of OneTrainer's format, with two embeddings and `more`."""
    from safetensors.torch import save_file

    tensors = {
        "lora_unet_mid.alpha": torch.ones(1),
        "bundle_emb.one.emb_params": torch.ones(1, 768),
        "bundle_emb.two.emb_params": torch.full((2, 768), 2.0),
        **{f"bundle_emb.{name}.emb_params": tensor for name, tensor in more.items()},
    }
    save_file(tensors, path)
    return path
