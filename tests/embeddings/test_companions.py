from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from traintab.embeddings.companions import companions_of, second_half


def touch(folder: Path, *names: str) -> Path:
    """Makes the files and gives the first."""
    for name in names:
        (folder / name).touch()
    return folder / names[0]


def names_of(path: Path, *ordinary: str) -> list[str]:
    return sorted(other.name for other in companions_of(path, lambda picture: picture.name in ordinary))


def test_preview_notes_and_optimizer_state_belong_to_a_file(tmp_path: Path) -> None:
    companions = ("mira.pt.optim", "mira.preview.png", "mira.txt", "mira.civitai.info")
    path = touch(tmp_path, "mira.pt", *companions, "mira.mp3", "mira-2.pt", "mirabelle.txt", "other.txt")
    assert names_of(path) == sorted(companions)


def test_a_picture_belongs_to_it_unless_it_is_an_embedding_itself(tmp_path: Path) -> None:
    path = touch(tmp_path, "mira.pt", "mira.png", "mira.txt")
    assert names_of(path, "mira.png") == ["mira.png", "mira.txt"]
    assert names_of(path) == []


def test_of_two_embeddings_of_one_stem_neither_takes_the_preview(tmp_path: Path) -> None:
    path = touch(tmp_path, "mira.pt", "mira.safetensors", "mira.preview.png", "mira.pt.optim")
    assert names_of(path) == ["mira.pt.optim"]
    assert names_of(tmp_path / "mira.safetensors") == []


def test_a_lost_folder_has_no_companions(tmp_path: Path) -> None:
    assert names_of(tmp_path / "none" / "mira.pt") == []


def test_the_second_half_of_a_pair_is_found(tmp_path: Path) -> None:
    first, second = tmp_path / "learned_embeds.safetensors", tmp_path / "learned_embeds_2.safetensors"
    save_file({"sks": torch.zeros(1, 768)}, first)
    assert second_half(first) is None
    save_file({"sks": torch.zeros(1, 1280)}, second)
    assert second_half(first) == second
    assert second_half(second) is None


def test_a_broken_file_has_no_second_half(tmp_path: Path) -> None:
    assert second_half(touch(tmp_path, "mira.pt", "mira_2.pt")) is None
