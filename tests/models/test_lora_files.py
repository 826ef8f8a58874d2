from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors.torch import save_file

from traintab.models.lora_files import find_loras, lora_hash


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_files_are_found_below_the_folders_by_their_stems(tmp_path: Path) -> None:
    ink = touch(tmp_path / "style" / "Ink.safetensors")
    cat = touch(tmp_path / "cat.pt")
    touch(tmp_path / "cat.png")
    touch(tmp_path / ".hidden.safetensors")
    touch(tmp_path / ".git" / "object.pt")

    assert find_loras([tmp_path, tmp_path / "missing"]) == {"cat": cat, "Ink": ink}


def test_the_first_folder_wins_and_a_safetensors_file_before_others(tmp_path: Path) -> None:
    safe = touch(tmp_path / "own" / "cat.safetensors")
    touch(tmp_path / "own" / "cat.ckpt")
    touch(tmp_path / "other" / "cat.safetensors")

    assert find_loras([tmp_path / "own", tmp_path / "other"]) == {"cat": safe}


def test_the_hash_of_a_safetensors_file_is_that_of_its_tensors(tmp_path: Path) -> None:
    tensors = {"x": torch.arange(4, dtype=torch.float32)}
    save_file(tensors, tmp_path / "a.safetensors")
    save_file(tensors, tmp_path / "b.safetensors", metadata={"ss_output_name": "another"})

    expected = hashlib.sha256(tensors["x"].numpy().tobytes()).hexdigest()[:12]
    assert lora_hash(tmp_path / "a.safetensors") == lora_hash(tmp_path / "b.safetensors") == expected


def test_the_hash_of_another_file_is_that_of_all_of_it(tmp_path: Path) -> None:
    file = touch(tmp_path / "cat.pt")

    assert lora_hash(file) == hashlib.sha256(b"x").hexdigest()[:12]
