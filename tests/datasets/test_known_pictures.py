"""Looking at the same folders again and again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from traintab.datasets.folders import DatasetFolder
from traintab.datasets.known_pictures import KnownPictures
from traintab.datasets.report import scan_folders
from traintab.prompts.captions import CaptionRules

RULES = CaptionRules()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture, a large JPEG that lies on its side, its double, a torn one, and what is none."""
    upright = Image.Exif()
    upright[0x0112] = 6
    Image.new("RGB", (70, 64), "red").save(tmp_path / "a.png")
    Image.effect_noise((900, 500), 40).save(tmp_path / "b.jpg", exif=upright)
    (tmp_path / "c.jpg").write_bytes((tmp_path / "b.jpg").read_bytes())
    (tmp_path / "torn.jpg").write_bytes((tmp_path / "b.jpg").read_bytes()[:20_000])
    (tmp_path / "none.png").write_bytes(b"no picture")
    return tmp_path


def test_a_folder_is_told_as_training_sees_it(folder: Path) -> None:
    folders = [DatasetFolder(path=folder)]
    known, plain = scan_folders(folders, RULES, KnownPictures()), scan_folders(folders, RULES)
    assert known == plain
    assert [(image.width, image.height) for image in known.images] == [(70, 64), (500, 900), (500, 900)]
    assert len(known.unreadable) == 2 and len(known.duplicates) == 1


def test_a_file_is_read_again_only_when_it_has_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look, path = KnownPictures(), folder / "a.png"
    before, torn = look(path), look(folder / "none.png")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", None)
        assert look(path) == before
        assert look(folder / "none.png") == torn == "not a picture, or damaged"
    Image.new("RGB", (96, 80), "blue").save(path)
    os.utime(path, ns=(1, 1))
    assert look(path)[0] == (96, 80)


def test_a_file_that_is_gone_is_told_and_comes_back(folder: Path) -> None:
    look, path = KnownPictures(), folder / "a.png"
    content = path.read_bytes()
    assert look(path)[0] == (70, 64)
    path.unlink()
    assert "No such file" in str(look(path))
    path.write_bytes(content)
    assert look(path)[0] == (70, 64)
