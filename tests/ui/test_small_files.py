"""Small versions of large pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from traintab.ui import small_files
from traintab.ui.small_files import SmallFiles


def large_picture(path: Path) -> Path:
    """Noise, because a file of one colour is small whatever its sides."""
    Image.effect_noise((400, 300), 90).convert("RGB").save(path)
    assert path.stat().st_size > 64 * 1024
    return path


def test_a_large_picture_is_shown_itself_until_its_small_version_is_made(tmp_path: Path) -> None:
    picture, files = large_picture(tmp_path / "a.png"), SmallFiles(tmp_path / "small")
    assert files.of(picture) == picture
    files.wait()
    small = files.of(picture)
    with Image.open(small) as opened:
        assert opened.size == (192, 144)
    assert small.stat().st_size < 24 * 1024
    assert SmallFiles(tmp_path / "small").of(picture) == small  # after a restart too


def test_a_picture_that_was_drawn_again_gets_another_small_version(tmp_path: Path) -> None:
    picture, files = large_picture(tmp_path / "a.png"), SmallFiles(tmp_path / "small")
    files.of(picture)
    files.wait()
    before = files.of(picture)
    os.utime(picture, ns=(7, 7))
    assert files.of(picture) == picture
    files.wait()
    assert files.of(picture) not in (before, picture)


def test_small_broken_and_lost_pictures_are_shown_themselves(tmp_path: Path) -> None:
    small, broken, lost = tmp_path / "small.png", tmp_path / "broken.png", tmp_path / "lost.png"
    Image.new("RGB", (128, 128)).save(small)
    broken.write_bytes(b"\x89PNG" + bytes(70_000))
    files = SmallFiles(tmp_path / "made")
    for _ in range(2):
        assert [files.of(path) for path in (small, broken, lost)] == [small, broken, lost]
        files.wait()
    assert not (tmp_path / "made").exists()


def test_a_full_disk_costs_nothing_but_the_small_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "small").write_text("a file in the folder's place")
    picture, files = large_picture(tmp_path / "a.png"), SmallFiles(tmp_path / "small")
    files.of(picture)
    files.wait()
    assert files.of(picture) == picture


def test_the_oldest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_files, "_MOST_FILES", 4)
    picture, files = large_picture(tmp_path / "a.png"), SmallFiles(tmp_path / "small")
    for moment in range(6):
        os.utime(picture, ns=(moment, moment))
        files.of(picture)
        files.wait()
    newest = files.of(picture)
    assert newest != picture and len(list((tmp_path / "small").glob("*.jpg"))) == 4
