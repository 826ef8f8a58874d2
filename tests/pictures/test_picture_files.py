"""What a picture file holds besides its pixels, and the files that Pillow alone does not read."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from traintab.pictures import UNREADABLE, MissingDecoderError, open_picture, read_picture_file


def test_a_large_jpeg_can_be_decoded_at_half_its_size_and_less(tmp_path: Path) -> None:
    Image.new("RGB", (400, 240), "red").save(tmp_path / "a.jpg")
    for least, decoded in (((200, 120), (200, 120)), ((201, 10), (400, 240)), ((50, 30), (50, 30))):
        found = read_picture_file(tmp_path / "a.jpg", least=least)
        assert (found.image.size, found.size) == (decoded, (400, 240))
    assert read_picture_file(tmp_path / "a.jpg").image.size == (400, 240)


def test_what_is_asked_of_a_picture_taken_sideways_is_meant_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned a quarter
    Image.new("RGB", (400, 240)).save(tmp_path / "a.jpg", exif=exif)
    found = read_picture_file(tmp_path / "a.jpg", least=(120, 200))
    assert (found.image.size, found.size) == ((120, 200), (240, 400))


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
def test_the_size_of_a_turned_picture_is_that_of_the_upright_one(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 24)).save(tmp_path / f"a.{suffix}", exif=exif)
    upright = (40, 24) if orientation < 5 else (24, 40)
    for least in (None, (10, 10)):
        found = read_picture_file(tmp_path / f"a.{suffix}", least=least)
        assert found.size == upright
    assert read_picture_file(tmp_path / f"a.{suffix}").image.size == upright


@pytest.mark.parametrize(
    ("mode", "suffix", "expected"),
    [
        ("1", "png", "RGB"),
        ("L", "jpg", "RGB"),
        ("P", "gif", "RGB"),
        ("LA", "png", "RGBA"),
        ("PA", "png", "RGBA"),
        ("RGBA", "webp", "RGBA"),
        ("CMYK", "tif", "RGB"),
        ("YCbCr", "jpg", "RGB"),
        ("LAB", "tif", "RGB"),
        ("I;16", "png", "RGB"),
        ("I;16B", "tif", "RGB"),
        ("I", "tif", "RGB"),
        ("F", "tif", "RGB"),
    ],
)
def test_every_mode_has_colours_and_transparency_where_it_is(
    tmp_path: Path, mode: str, suffix: str, expected: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    base = Image.new("RGBA", (8, 8), (200, 100, 50, 128))
    if mode in ("I;16", "I;16B", "I", "F"):
        Image.new(mode, (8, 8), 200).save(path)
    elif mode == "LAB":
        Image.new("LAB", (8, 8), (128, 128, 128)).save(path)
    elif mode == "PA":  # a palette with one colour that is half transparent
        base.quantize(4).save(path)
    else:
        base.convert("RGB" if mode in ("P", "CMYK", "YCbCr") else "RGBA").convert(mode).save(path)
    found = read_picture_file(path)
    assert (found.image.mode, found.image.size) == (expected, (8, 8))
    if expected == "RGBA":
        assert found.image.getchannel("A").getpixel((3, 3)) == 128


def test_a_picture_whose_alpha_hides_nothing_is_opaque(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (10, 20, 30, 255)).save(tmp_path / "a.png")
    assert read_picture_file(tmp_path / "a.png").image.mode == "RGB"


def test_lab_colours_are_those_of_light(tmp_path: Path) -> None:
    # lightness 136 of 255, a = 208 - 128, b = 195 - 128: as good as pure red
    Image.new("LAB", (2, 2), (136, 208, 195)).save(tmp_path / "a.tif")
    red, green, blue = open_picture(tmp_path / "a.tif").getpixel((0, 0))
    assert red > 245 and green < 20 and blue < 20


def test_a_profile_is_told_as_long_as_it_still_holds(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for mode, told in (("RGB", profile), ("L", b""), ("CMYK", b"")):
        Image.new(mode, (8, 8)).save(tmp_path / "a.jpg", icc_profile=profile)
        assert read_picture_file(tmp_path / "a.jpg").color_profile == told


def test_a_phone_s_heic_is_read(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Image.new("RGB", (40, 24), "red")).save(tmp_path / "a.heic", quality=90)
    found = read_picture_file(tmp_path / "a.heic")
    assert (found.kind, found.size, found.image.mode) == ("HEIF", (40, 24), "RGB")
    assert found.image.getpixel((20, 12))[0] > 240
    with (tmp_path / "a.heic").open("rb") as file:
        assert open_picture(file).size == (40, 24)


def test_a_heic_with_transparency_keeps_it(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Image.new("RGBA", (40, 24), (255, 0, 0, 0))).save(tmp_path / "a.heic", quality=90)
    assert read_picture_file(tmp_path / "a.heic").image.getchannel("A").getextrema()[1] < 5


def test_a_heic_can_not_ask_for_all_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Image.new("RGB", (40, 24), "red")).save(tmp_path / "a.heic", quality=90)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40 * 24 - 1)
    with pytest.raises(Image.DecompressionBombError, match="40 x 24 pixels are too many"):
        read_picture_file(tmp_path / "a.heic")


def test_without_its_package_a_heic_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingDecoderError, match="pip install pillow-heif"):
        read_picture_file(tmp_path / "a.heic")


def test_without_its_package_a_jpeg_xl_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jxl").write_bytes(b"\xff\x0a" + bytes(40))
    monkeypatch.delitem(Image.OPEN, "JXL", raising=False)
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    with pytest.raises(MissingDecoderError, match="pip install pillow-jxl-plugin"):
        read_picture_file(tmp_path / "a.jxl")


def test_an_older_pillow_names_the_version_that_reads_avif(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.avif").write_bytes(b"\0\0\0\x1cftypavif" + bytes(40))
    Image.init()
    monkeypatch.delitem(Image.OPEN, "AVIF", raising=False)
    with pytest.raises(MissingDecoderError, match=r"need Pillow 11\.3 or newer"):
        read_picture_file(tmp_path / "a.avif")


def test_a_heic_that_is_torn_is_unreadable(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    heif.from_pillow(Image.fromarray(noise)).save(tmp_path / "a.heic", quality=90)
    whole = (tmp_path / "a.heic").read_bytes()
    (tmp_path / "a.heic").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UNREADABLE):
        read_picture_file(tmp_path / "a.heic")


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_an_animation_whose_clock_stands_still_is_unreadable(tmp_path: Path) -> None:
    frame = Image.new("RGB", (16, 16), "red")
    frame.save(tmp_path / "a.avif", save_all=True, append_images=[Image.new("RGB", (16, 16), "blue")])
    data = bytearray((tmp_path / "a.avif").read_bytes())
    clock = data.index(b"mdhd") + 4
    wide = 8 if data[clock] else 4  # version 1 has times of eight bytes
    at = clock + 4 + 2 * wide
    data[at : at + 4] = bytes(4)
    (tmp_path / "a.avif").write_bytes(data)
    with pytest.raises(UNREADABLE):
        read_picture_file(tmp_path / "a.avif")
