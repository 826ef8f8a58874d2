from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from traintab.errors import DatasetError
from traintab.preprocessing.opening import list_candidates, open_picture


def test_a_file_that_is_no_picture_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"notes\.png is not a picture"):
        open_picture(tmp_path / "notes.png")


def test_a_torn_picture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "torn.png"
    Image.effect_noise((64, 64), 80).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DatasetError, match=r"torn\.png is broken"):
        open_picture(path)


def test_captions_settings_and_hidden_files_are_no_candidates(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "a.txt", "example.yaml", ".hidden.png", "odd.xyz"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in list_candidates(tmp_path)] == ["a.jpg", "b.png", "odd.xyz"]


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a folder"):
        list_candidates(tmp_path / "nowhere")


def test_an_empty_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no pictures"):
        list_candidates(tmp_path)


def test_a_sound_picture_is_opened_upright_and_in_rgb(tmp_path: Path) -> None:
    Image.new("L", (8, 4), 7).save(tmp_path / "a.png")
    opened = open_picture(tmp_path / "a.png")
    assert (opened.mode, opened.size, opened.getpixel((0, 0))) == ("RGB", (8, 4), (7, 7, 7))
