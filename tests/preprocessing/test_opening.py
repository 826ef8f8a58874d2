from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from traintab.errors import DatasetError
from traintab.preprocessing.opening import list_candidates, open_picture


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned a quarter
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert open_picture(tmp_path / "turned.jpg").size == (20, 40)


def test_transparent_parts_become_white_and_half_transparent_ones_lighter(tmp_path: Path) -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    image.save(tmp_path / "a.png")
    opened = open_picture(tmp_path / "a.png")
    assert opened.mode == "RGB"
    assert opened.getpixel((0, 0)) == (255, 255, 255)
    assert opened.getpixel((1, 0)) == (127, 127, 127)


def test_a_transparent_palette_colour_becomes_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 2), 0)
    image.putpalette([200, 0, 0, 0, 200, 0])
    image.save(tmp_path / "a.gif", transparency=0)
    assert open_picture(tmp_path / "a.gif").getpixel((0, 0)) == (255, 255, 255)


def test_sixteen_bit_greys_keep_their_shades(tmp_path: Path) -> None:
    levels = np.array([[0, 32768, 65535]], dtype=np.uint16)
    Image.fromarray(levels).save(tmp_path / "deep.png")
    opened = open_picture(tmp_path / "deep.png")
    assert [opened.getpixel((x, 0)) for x in range(3)] == [(0, 0, 0), (127, 127, 127), (255, 255, 255)]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    name = "a.jpg" if mode == "CMYK" else "a.png"
    Image.new(mode, (8, 8)).save(tmp_path / name)
    assert open_picture(tmp_path / name).mode == "RGB"


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


def test_postscript_is_never_handed_to_an_interpreter(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.eps")
    with pytest.raises(DatasetError, match="not a picture"):
        open_picture(tmp_path / "a.eps")


def test_captions_and_hidden_files_are_no_candidates(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "a.txt", ".hidden.png", "odd.xyz"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in list_candidates(tmp_path)] == ["a.jpg", "b.png", "odd.xyz"]


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a folder"):
        list_candidates(tmp_path / "nowhere")


def test_an_empty_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no pictures"):
        list_candidates(tmp_path)
