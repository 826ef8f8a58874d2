from __future__ import annotations

import pytest
from PIL import Image, ImageCms

from traintab.preprocessing.screen_colors import in_screen_colors

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_colours_are_brought_from_the_profile_to_the_screen(red_is_green: bytes) -> None:
    red, green, blue = in_screen_colors(Image.new("RGB", (2, 2), (255, 0, 0)), red_is_green).getpixel((0, 0))
    assert red < 5 and green > 250 and blue < 5


def test_transparency_comes_along(red_is_green: bytes) -> None:
    seen = in_screen_colors(Image.new("RGBA", (2, 2), (255, 0, 0, 77)), red_is_green)
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
