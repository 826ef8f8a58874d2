from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from traintab.preprocessing.crop import Cut, centre_cut, covering_size


@pytest.mark.parametrize(
    ("size", "target", "covering"),
    [
        ((300, 200), (64, 64), (96, 64)),
        ((200, 300), (64, 64), (64, 96)),
        ((300, 200), (96, 128), (192, 128)),
        ((1000, 3), (64, 64), (21334, 64)),  # 21333.3 and no pixel short
        ((999, 1000), (64, 64), (64, 65)),
        ((64, 64), (64, 64), (64, 64)),
        ((91, 273), (64, 64), (64, 192)),  # 192.00000000000003 in floating point
    ],
)
def test_the_covering_size_is_the_smallest_in_proportion(
    size: tuple[int, int], target: tuple[int, int], covering: tuple[int, int]
) -> None:
    assert covering_size(size, *target) == covering


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (37, 91), (64, 64), (1000, 3), (1, 1)])
def test_a_crop_has_exactly_the_target_size(size: tuple[int, int]) -> None:
    assert centre_cut(size, 128, 96).of(Image.new("RGB", size)).size == (128, 96)


def test_the_crop_is_the_middle() -> None:
    image = Image.new("RGB", (300, 100), "red")
    image.paste("blue", (100, 0, 200, 100))
    assert centre_cut(image.size, 100, 100).of(image).getcolors() == [(10000, (0, 0, 255))]


def test_a_picture_of_the_target_size_keeps_every_pixel() -> None:
    image = Image.effect_noise((64, 64), 80).convert("RGB")
    assert centre_cut(image.size, 64, 64).of(image).tobytes() == image.tobytes()


@pytest.mark.parametrize("size", [(301, 200), (180, 333), (50, 40)])
def test_a_cut_is_what_scaling_the_whole_picture_and_cropping_gives(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    cut = centre_cut(size, 64, 48)
    plain = image.resize(cut.scaled, Image.Resampling.LANCZOS).crop(cut.box)
    difference = np.asarray(cut.of(image), dtype=int) - np.asarray(plain, dtype=int)
    assert np.abs(difference).max() <= 1


def test_a_cut_takes_the_same_part_of_a_smaller_copy() -> None:
    large = Image.new("L", (400, 200))
    large.paste(255, (200, 0, 400, 200))
    cut = Cut(scaled=(100, 50), box=(25, 0, 75, 50))
    small = cut.of(large.resize((40, 20), Image.Resampling.BOX), Image.Resampling.BOX)
    assert small.size == cut.size == (50, 50)
    assert (small.getpixel((20, 25)), small.getpixel((30, 25))) == (0, 255)
