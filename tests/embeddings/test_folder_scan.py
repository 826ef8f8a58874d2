from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import torch

from traintab.embeddings.library import EmbeddingLibrary

from .conftest import put, refreshed

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")


def test_previews_hidden_temporary_empty_and_other_files_are_passed_over(
    tmp_path: Path, reads: list[Path]
) -> None:
    for name in (
        "a.preview.png",
        "a.preview.webp",
        "._apple.pt",
        "f.pt.part",
        "f.safetensors.crdownload",
        ".hidden.pt",
        ".git/b.pt",
        ".c.pt.x.tmp",
        "notes.txt",
        "d.jpg",
        "e.pt.optim",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty.pt").write_bytes(b"")
    library = refreshed(tmp_path)
    assert library.embeddings() == {}
    assert library.skipped() == []
    assert reads == []


def test_an_ordinary_picture_beside_an_embedding_is_no_error(tmp_path: Path) -> None:
    from PIL import Image

    put(tmp_path / "a.pt")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    library = refreshed(tmp_path)
    assert list(library.embeddings()) == ["a"]
    assert library.skipped() == []


@needs_posix
def test_links_within_the_folder_are_followed_and_loops_end(tmp_path: Path) -> None:
    put(tmp_path / "real" / "file.pt")
    (tmp_path / "link.pt").symlink_to(tmp_path / "real" / "file.pt")
    (tmp_path / "sub").symlink_to(tmp_path / "real")
    (tmp_path / "again").symlink_to(tmp_path)
    library = refreshed(tmp_path)
    assert list(library.embeddings()) == ["file", "link"]
    assert library.skipped() == []


@needs_posix
def test_links_out_of_the_folder_are_listed_and_not_followed(tmp_path: Path, reads: list[Path]) -> None:
    elsewhere = tmp_path / "elsewhere"
    put(elsewhere / "mira.pt")
    folder = tmp_path / "embeddings"
    folder.mkdir()
    (folder / "link.pt").symlink_to(elsewhere / "mira.pt")
    (folder / "sub").symlink_to(elsewhere)
    library = refreshed(folder)
    assert (library.embeddings(), reads) == ({}, [])
    reasons = {skipped.path.name: skipped.reason for skipped in library.skipped()}
    assert list(reasons) == ["link.pt", "sub"]
    assert f"a link out of the embeddings folder, to {elsewhere / 'mira.pt'}" in reasons["link.pt"]
    assert library.refresh() is False


@needs_posix
def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real" / "mira.pt")
    (tmp_path / "real" / "again.pt").symlink_to(tmp_path / "real" / "mira.pt")
    (tmp_path / "embeddings").symlink_to(tmp_path / "real")
    assert list(refreshed(tmp_path / "embeddings").embeddings()) == ["again", "mira"]


@needs_posix
def test_dead_links_and_pipes_are_listed_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "dead.pt").symlink_to(tmp_path / "nowhere.pt")
    (tmp_path / "loop.pt").symlink_to(tmp_path / "loop.pt")
    os.mkfifo(tmp_path / "pipe.pt")
    library = refreshed(tmp_path)
    reasons = {skipped.path.name: skipped.reason for skipped in library.skipped()}
    assert list(reasons) == ["dead.pt", "loop.pt", "pipe.pt"]
    assert "leads nowhere" in reasons["dead.pt"]
    assert "a pipe" in reasons["pipe.pt"]
    assert library.refresh() is False


@needs_posix
def test_a_second_half_outside_the_folder_is_not_read_through_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "embeddings"
    folder.mkdir()
    torch.save({"<mira>": torch.ones(1, 768)}, folder / "mira.bin")
    torch.save({"<mira>": torch.ones(1, 1280)}, tmp_path / "secret.bin")
    (folder / "mira_2.bin").symlink_to(tmp_path / "secret.bin")
    library = EmbeddingLibrary(folder)
    library.refresh()
    assert library.embeddings()["mira"].widths == {"clip_l": 768}
    (folder / "mira_2.bin").unlink()
    (tmp_path / "secret.bin").rename(folder / "inside.bin")
    (folder / "mira_2.bin").symlink_to(folder / "inside.bin")
    library.refresh()
    assert library.embeddings()["mira"].widths == {"clip_l": 768, "clip_g": 1280}
