"""Opening pictures as people see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from traintab.pictures import UNREADABLE, open_picture


def test_a_picture_taken_sideways_is_turned_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "blue")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned a quarter
    image.save(tmp_path / "a.jpg", exif=exif)
    assert open_picture(tmp_path / "a.jpg").size == (20, 40)


def test_transparency_is_seen_over_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png").getpixel((3, 3)) == (255, 255, 255)


def test_half_transparency_is_mixed_with_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 128)).save(tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png").getpixel((0, 0)) == (127, 127, 127)


def test_transparency_of_a_palette_is_seen_too(tmp_path: Path) -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.save(tmp_path / "a.png", transparency=1)
    assert open_picture(tmp_path / "a.png").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "tif" if mode == "CMYK" else "png"
    Image.new(mode, (8, 8)).save(tmp_path / f"a.{suffix}")
    assert open_picture(tmp_path / f"a.{suffix}").mode == "RGB"


def test_sixteen_bit_greys_are_scaled_and_not_cut_off(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 32768, dtype=np.uint16)).save(tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png").getpixel((0, 0)) == (128, 128, 128)


def test_a_file_cut_short_is_unreadable(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UNREADABLE):
        open_picture(tmp_path / "a.png")


def test_a_transparent_palette_colour_becomes_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 2), 0)
    image.putpalette([200, 0, 0, 0, 200, 0])
    image.save(tmp_path / "a.gif", transparency=0)
    assert open_picture(tmp_path / "a.gif").getpixel((0, 0)) == (255, 255, 255)


def test_postscript_is_never_handed_to_an_interpreter(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")
    with pytest.raises(UnidentifiedImageError):
        open_picture(tmp_path / "a.png")
