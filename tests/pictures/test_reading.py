"""Opening pictures as people see them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, UnidentifiedImageError, features

from traintab.pictures import UNREADABLE, open_picture, open_with_alpha


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


@pytest.mark.option("transparency_color")
@pytest.mark.parametrize(("color", "seen"), [("black", (0, 0, 0)), ("#ff0080", (255, 0, 128))])
def test_the_colour_behind_transparency_can_be_chosen(
    tmp_path: Path, color: str, seen: tuple[int, int, int]
) -> None:
    Image.new("RGBA", (8, 8), (10, 20, 30, 0)).save(tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png", color).getpixel((3, 3)) == seen


@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_opaque_pictures_know_nothing_of_it(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (8, 8), 3).save(tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png", "red").tobytes() == open_picture(tmp_path / "a.png").tobytes()


def test_how_opaque_a_picture_is_can_be_asked(tmp_path: Path) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 40))
    image.putpixel((2, 3), (0, 0, 0, 255))
    image.save(tmp_path / "a.png")
    picture, alpha = open_with_alpha(tmp_path / "a.png")
    assert picture.tobytes() == open_picture(tmp_path / "a.png").tobytes()
    assert (alpha.getpixel((0, 0)), alpha.getpixel((2, 3))) == (40, 255)


def test_a_palette_s_one_transparent_colour_is_known(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([200, 0, 0, 0, 200, 0])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "a.gif", transparency=0)
    _, alpha = open_with_alpha(tmp_path / "a.gif")
    assert [alpha.getpixel((x, 0)) for x in (0, 1)] == [0, 255]


def test_an_opaque_picture_is_opaque_all_over_and_turned_as_it_is(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned a quarter
    Image.new("RGB", (40, 20)).save(tmp_path / "a.jpg", exif=exif)
    picture, alpha = open_with_alpha(tmp_path / "a.jpg")
    assert picture.size == alpha.size == (20, 40)
    assert alpha.getextrema() == (255, 255)


def test_a_dark_sixteen_bit_picture_stays_dark(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 200, dtype=np.uint16)).save(tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png").getpixel((0, 0)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 127, 255]),  # as photo programs write them
        ([0.0, 0.5, 1.02], [0, 127, 255]),  # sharpened
        ([0.5, 1.0, 9.0], [127, 255, 255]),  # of wide range, with a lamp in it
        ([0.0, 128.0, 255.0], [0, 128, 255]),
        ([0.0, 32768.0, 65535.0], [0, 127, 255]),
        ([float("nan"), 0.25, 1.0], [0, 63, 255]),
        ([-3.0, 0.25, 1.0], [0, 63, 255]),
        ([float("inf"), 0.25, 1.0], [0, 63, 255]),
    ],
)
def test_real_numbers_are_taken_by_their_range(
    tmp_path: Path, values: list[float], expected: list[int]
) -> None:
    Image.fromarray(np.array([values], dtype=np.float32)).save(tmp_path / "a.tif")
    opened = open_picture(tmp_path / "a.tif")
    assert [opened.getpixel((x, 0)) for x in range(3)] == [(v, v, v) for v in expected]


@pytest.mark.parametrize(("top", "channels"), [(1.0, 3), (65535.0, 3), (1.0, 4)])
def test_a_photo_program_s_tiff_of_real_colours_is_read(tmp_path: Path, top: float, channels: int) -> None:
    blue_green_red = np.zeros((8, 6, channels), dtype=np.float32)
    blue_green_red[..., 1], blue_green_red[..., 2:] = 0.5 * top, top
    cv2.imwrite(str(tmp_path / "a.tif"), blue_green_red)
    assert open_picture(tmp_path / "a.tif").size == (6, 8)
    with (tmp_path / "a.tif").open("rb") as file:
        assert open_picture(file).getpixel((2, 2)) == (255, 127, 0)


def test_a_small_file_can_not_ask_for_all_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cv2.imwrite(str(tmp_path / "a.tif"), np.zeros((20, 30, 3), dtype=np.float32))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 599)
    with pytest.raises(Image.DecompressionBombError, match="30 x 20 pixels"):
        open_picture(tmp_path / "a.tif")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 600)
    assert open_picture(tmp_path / "a.tif").size == (30, 20)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_a_damaged_avif_is_unreadable(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), "red").save(tmp_path / "a.avif")
    data = (tmp_path / "a.avif").read_bytes()
    (tmp_path / "a.avif").write_bytes(data.replace(b"iloc", b"free"))
    with pytest.raises(UNREADABLE):
        open_picture(tmp_path / "a.avif")


@pytest.mark.parametrize("content", [b"II*\0", b"MM\0*" + bytes(40)])
def test_what_only_begins_like_a_tiff_is_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(UNREADABLE):
        open_picture(tmp_path / "a.tif")


def test_a_whole_number_tiff_of_32_bits_is_scaled(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 2**30, 2**31 - 1]], dtype=np.int32)).save(tmp_path / "a.tif")
    opened = open_picture(tmp_path / "a.tif")
    assert [opened.getpixel((x, 0)) for x in range(3)] == [(0, 0, 0), (127, 127, 127), (255, 255, 255)]


def test_print_colours_without_a_profile_are_turned_into_light(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.tif")
    assert open_picture(tmp_path / "a.tif").getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("profile", [b"no profile at all", None])
def test_print_colours_with_a_profile_that_does_not_fit_are_read_all_the_same(
    tmp_path: Path, profile: bytes | None
) -> None:
    of_light = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(
        tmp_path / "a.jpg", quality=100, icc_profile=profile or of_light
    )
    red, green, blue = np.asarray(open_picture(tmp_path / "a.jpg"))[0, 0].tolist()
    assert red > 250
    assert max(green, blue) < 5
