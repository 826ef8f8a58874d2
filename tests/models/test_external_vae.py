from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from traintab.errors import ModelError
from traintab.models.discovery import Checkpoint
from traintab.models.external_vae import find_vaes, vae_for
from traintab.paths import ModelFolders, Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def make(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


@pytest.fixture
def checkpoint(paths: Paths) -> Checkpoint:
    file = make(paths.models_dir / "Stable-diffusion" / "anime" / "dream.safetensors")
    return Checkpoint(name="anime/dream.safetensors", path=file, kind="file")


def test_vaes_are_listed_by_name_those_beside_checkpoints_too(paths: Paths, tmp_path: Path) -> None:
    own, borrowed = paths.vae_dirs[0], tmp_path / "other"
    files = [own / "b.pt", own / "more" / "a.safetensors", own / "note.txt", own / ".hidden.pt"]
    for file in (*files, borrowed / "b.pt", borrowed / "c.ckpt"):
        make(file)
    beside = make(paths.checkpoint_dirs[0] / "anime" / "dream.vae.pt")
    make(paths.checkpoint_dirs[0] / "anime" / "dream.safetensors")

    found = find_vaes(replace(paths, borrowed=(ModelFolders(vaes=(borrowed,)),)))

    assert found == {
        "b.pt": own / "b.pt",
        "c.ckpt": borrowed / "c.ckpt",
        "dream.vae.pt": beside,
        "more/a.safetensors": own / "more" / "a.safetensors",
    }


def test_without_a_file_of_its_name_a_checkpoint_keeps_its_own(paths: Paths, checkpoint: Checkpoint) -> None:
    make(paths.vae_dirs[0] / "another.safetensors")

    assert vae_for(checkpoint, paths) is None


@pytest.mark.parametrize("name", ["dream.vae.safetensors", "dream.vae.pt", "dream.vae.ckpt"])
def test_a_vae_beside_the_checkpoint_is_taken(paths: Paths, checkpoint: Checkpoint, name: str) -> None:
    assert checkpoint.path is not None
    beside = make(checkpoint.path.with_name(name))
    make(paths.vae_dirs[0] / "dream.pt")

    assert vae_for(checkpoint, paths) == beside


@pytest.mark.parametrize("name", ["dream.safetensors", "dream.vae.pt"])
def test_a_vae_of_the_checkpoint_s_name_is_taken(paths: Paths, checkpoint: Checkpoint, name: str) -> None:
    file = make(paths.vae_dirs[0] / "below" / name)

    assert vae_for(checkpoint, paths) == file


def test_none_means_the_checkpoint_s_own(paths: Paths, checkpoint: Checkpoint) -> None:
    assert checkpoint.path is not None
    make(checkpoint.path.with_name("dream.vae.pt"))

    assert vae_for(checkpoint, paths, "None") is None


def test_a_vae_can_be_chosen_by_name_or_path(paths: Paths, checkpoint: Checkpoint, tmp_path: Path) -> None:
    file, elsewhere = make(paths.vae_dirs[0] / "b.pt"), make(tmp_path / "x.safetensors")

    assert vae_for(checkpoint, paths, "b.pt") == file
    assert vae_for(checkpoint, paths, str(elsewhere)) == elsewhere


def test_a_folder_takes_only_a_vae_that_was_chosen_and_the_demo_none(paths: Paths, tmp_path: Path) -> None:
    file = make(paths.vae_dirs[0] / "dream.pt")
    folder = Checkpoint(name="dream", path=tmp_path / "dream", kind="folder")
    demo = Checkpoint(name="demo", path=tmp_path / "demo", kind="demo")

    assert vae_for(folder, paths) is None
    assert vae_for(folder, paths, "dream.pt") == file
    assert vae_for(demo, paths, "dream.pt") is None


def test_an_unknown_vae_lists_the_known_ones(paths: Paths, checkpoint: Checkpoint) -> None:
    make(paths.vae_dirs[0] / "b.pt")

    with pytest.raises(ModelError, match=r"no VAE called 'c'; choose one of Automatic, None, b\.pt, or put"):
        vae_for(checkpoint, paths, "c")
