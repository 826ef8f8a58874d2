"""`embeddings inspect` on a folder of hostile files: a sentence for each, and nothing runs."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch


class Program:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.canary),)


@pytest.fixture
def hostile_files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "files"
    folder.mkdir()
    program = Program(tmp_path / "canary")
    (folder / "bare.pt").write_bytes(pickle.dumps(program))
    torch.save({"string_to_param": program}, folder / "zip.pt")
    torch.save(program, folder / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"a": torch.full((1, 768), float("nan"))}, folder / "nan.pt")
    safetensors.torch.save_file({"lora_a.lora_up.weight": torch.ones(2, 2)}, folder / "lora.safetensors")
    (folder / "page.pt").write_bytes(b"<!DOCTYPE html>")
    (folder / "line\nbreak.pt").write_bytes(b"nonsense")
    (folder / "photo.png").write_bytes(b"\xff\xd8\xff\xe0")
    return sorted(folder.iterdir())


def test_each_is_refused_in_one_sentence_that_names_it(
    line: Any, tmp_path: Path, hostile_files: list[Path]
) -> None:
    answer = line("embeddings", "inspect", *hostile_files, "--json")
    assert answer.status == 2
    assert len(answer.err.splitlines()) == 1
    assert len(answer.objects) == len(hostile_files) == 8
    for path, row in zip(hostile_files, answer.objects, strict=True):
        shown = str(path).replace("\n", "\\n")
        assert row["status"] == "refused"
        assert row["reason"].startswith(f"{shown} was refused: found ")
        assert row["reason"].isprintable()
    assert not (tmp_path / "canary").exists()


def test_the_control_one_of_them_would_have_run(tmp_path: Path, hostile_files: list[Path]) -> None:
    pickle.loads(next(path for path in hostile_files if path.name == "bare.pt").read_bytes())
    assert (tmp_path / "canary").exists()
