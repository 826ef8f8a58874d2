from __future__ import annotations

import pytest
from PIL import Image

from traintab.preprocessing.crop import resize_and_crop, resized_to_cover


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (37, 91), (64, 64), (1000, 3)])
def test_a_crop_has_exactly_the_target_size(size: tuple[int, int]) -> None:
    assert resize_and_crop(Image.new("RGB", size), 128, 96).size == (128, 96)


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (37, 91), (999, 1000)])
def test_covering_fits_one_side_and_keeps_the_proportions(size: tuple[int, int]) -> None:
    covering = resized_to_cover(Image.new("RGB", size), 64, 64)
    assert min(covering.size) == 64
    assert abs(covering.width / covering.height - size[0] / size[1]) < 0.02 * size[0] / size[1]


def test_the_crop_is_the_middle() -> None:
    image = Image.new("RGB", (300, 100), "red")
    image.paste("blue", (100, 0, 200, 100))
    assert resize_and_crop(image, 100, 100).getcolors() == [(10000, (0, 0, 255))]


def test_a_picture_of_the_target_size_keeps_every_pixel() -> None:
    image = Image.effect_noise((64, 64), 80).convert("RGB")
    assert resize_and_crop(image, 64, 64).tobytes() == image.tobytes()
