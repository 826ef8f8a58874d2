"""Opening pictures as people see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from traintab.datasets.pictures import UNREADABLE, fit_picture, open_picture, pixels


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


def test_fitting_cuts_both_sides_alike_and_keeps_circles_round() -> None:
    image = Image.new("RGB", (60, 20), "white")
    image.paste("black", (16, 0, 44, 20))
    fitted = fit_picture(image, 40, 40)
    assert fitted.size == (40, 40)
    assert np.asarray(fitted).max() < 10, "only the black middle is left"


def test_a_picture_of_the_right_size_is_left_as_it_is() -> None:
    image = Image.new("RGB", (64, 32))
    assert fit_picture(image, 64, 32) is image


def test_pixels_run_from_minus_one_to_one() -> None:
    image = Image.new("RGB", (2, 1), (0, 255, 0))
    values = pixels(image)
    assert values.shape == (3, 1, 2)
    assert values.dtype == torch.float32
    assert values[:, 0, 0].tolist() == [-1.0, 1.0, -1.0]
