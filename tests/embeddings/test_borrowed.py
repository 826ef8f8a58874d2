from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from traintab.embeddings.borrowed import BorrowedEmbeddings


def write(file: Path, value: float, width: int = 768) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({"emb_params": torch.full((1, width), value)}, file)
    return file


def test_the_first_folder_with_a_name_counts_whatever_its_case(tmp_path: Path) -> None:
    write(tmp_path / "a" / "Mira.safetensors", 1.0)
    write(tmp_path / "b" / "mira.safetensors", 2.0)
    write(tmp_path / "b" / "more" / "tom.safetensors", 3.0)

    found = BorrowedEmbeddings(lambda: [tmp_path / "a", tmp_path / "b"]).embeddings()

    assert {name: float(e.vectors["clip_l"][0, 0]) for name, e in found.items()} == {"Mira": 1.0, "tom": 3.0}


def test_only_those_that_fit_the_model_are_given(tmp_path: Path) -> None:
    write(tmp_path / "small.safetensors", 1.0)
    write(tmp_path / "large.safetensors", 1.0, width=1024)

    assert list(BorrowedEmbeddings(lambda: [tmp_path]).embeddings({"clip_l": 768})) == ["small"]


def test_a_new_file_is_there_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    borrowed = BorrowedEmbeddings(lambda: [tmp_path, tmp_path / "missing"])
    assert borrowed.embeddings() == {}

    file = write(tmp_path / "new.safetensors", 1.0)

    assert list(borrowed.embeddings()) == ["new"]
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_lent_later_is_read_too(tmp_path: Path) -> None:
    folders: list[Path] = []
    borrowed = BorrowedEmbeddings(lambda: folders)
    write(tmp_path / "a" / "mira.safetensors", 1.0)
    assert borrowed.embeddings() == {}

    folders.append(tmp_path / "a")

    assert list(borrowed.embeddings()) == ["mira"]
