from __future__ import annotations

import struct

import pytest
from PIL import Image, ImageCms

from traintab.preprocessing.screen_colors import in_screen_colors

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def wide_gamut() -> bytes:
    """The sRGB profile with red and green exchanged: a profile whose effect can be told by eye."""
    profile = bytearray(SRGB)
    (count,) = struct.unpack_from(">L", profile, 128)
    places = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    (at, size) = struct.unpack_from(">LL", profile, places[b"desc"] + 4)
    profile[at : at + size] = bytes(profile[at : at + size]).replace(b"s\0R\0G\0B", b"s\0W\0A\0P")
    return bytes(profile)


def test_colours_are_brought_from_the_profile_to_the_screen() -> None:
    red, green, blue = in_screen_colors(Image.new("RGB", (2, 2), (255, 0, 0)), wide_gamut()).getpixel((0, 0))
    assert red < 5 and green > 250 and blue < 5


def test_transparency_comes_along() -> None:
    seen = in_screen_colors(Image.new("RGBA", (2, 2), (255, 0, 0, 77)), wide_gamut())
    assert seen.getpixel((0, 0))[3] == 77
    assert seen.getpixel((0, 0))[1] > 250


@pytest.mark.parametrize("profile", [b"", b"no profile at all", SRGB])
def test_without_a_profile_of_other_colours_every_value_stays(profile: bytes) -> None:
    image = Image.new("RGB", (2, 2), (12, 200, 77))
    assert in_screen_colors(image, profile).tobytes() == image.tobytes()


def test_a_profile_of_inks_is_passed_over() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = Image.new("RGB", (2, 2), (12, 200, 77))
    assert in_screen_colors(image, lab).tobytes() == image.tobytes()
