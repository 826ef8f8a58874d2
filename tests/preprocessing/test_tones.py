from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from traintab.configs import ColorsConfig
from traintab.preprocessing.tones import brightened, contrasted


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8))


@pytest.mark.parametrize("brightness", [0.0, 0.35, 1.25, 3.0])
def test_brightness_is_that_of_pillow(brightness: float) -> None:
    expected = np.asarray(ImageEnhance.Brightness(noise()).enhance(brightness), dtype=int)
    seen = np.asarray(brightened(noise(), ColorsConfig(brightness=brightness)), dtype=int)
    assert np.abs(seen - expected).max() <= 1


@pytest.mark.parametrize("contrast", [0.0, 0.5, 1.2, 3.0])
def test_contrast_is_that_of_pillow(contrast: float) -> None:
    expected = np.asarray(ImageEnhance.Contrast(noise()).enhance(contrast), dtype=int)
    seen = np.asarray(contrasted(noise(), ColorsConfig(contrast=contrast)), dtype=int)
    assert np.abs(seen - expected).max() <= 1


def test_values_by_hand() -> None:
    image = Image.new("RGB", (2, 1), (100, 100, 100))
    image.putpixel((1, 0), (200, 200, 200))  # the mean grey is 150
    lighter = brightened(image, ColorsConfig(brightness=1.5))
    assert [lighter.getpixel((x, 0)) for x in (0, 1)] == [(150, 150, 150), (255, 255, 255)]
    harder = contrasted(image, ColorsConfig(contrast=2.0))
    assert [harder.getpixel((x, 0)) for x in (0, 1)] == [(50, 50, 50), (250, 250, 250)]


def test_what_is_transparent_stays_so_and_does_not_count_for_the_mean() -> None:
    image = Image.new("RGBA", (2, 1), (100, 100, 100, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    assert contrasted(image, ColorsConfig(contrast=2.0)).getpixel((0, 0)) == (100, 100, 100, 255)
    assert brightened(image, ColorsConfig(brightness=2.0)).getpixel((0, 0)) == (200, 200, 200, 255)
    assert brightened(image, ColorsConfig(brightness=2.0)).getpixel((1, 0))[3] == 0


def test_a_picture_of_which_nothing_is_seen_has_no_mean() -> None:
    image = Image.new("RGBA", (2, 1), (80, 80, 80, 0))
    assert contrasted(image, ColorsConfig(contrast=2.0)).getchannel("A").getextrema() == (0, 0)
