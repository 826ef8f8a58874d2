"""What SDXL is told of the sizes of its training pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from traintab.datasets.latents import LatentSettings
from traintab.datasets.pictures import fit_picture
from traintab.datasets.report import DatasetImage
from traintab.datasets.size_conditions import size_conditions
from traintab.datasets.variants import PictureRules


def image(width: int, height: int, content_hash: str = "") -> DatasetImage:
    return DatasetImage(path=Path("a.png"), caption="", content_hash=content_hash, width=width, height=height)


def told_of(
    images: Sequence[DatasetImage],
    width: int,
    height: int,
    rules: PictureRules | None = None,
    flip: bool = False,
) -> torch.Tensor:
    settings = LatentSettings(width=width, height=height, flip=flip, rules=rules or PictureRules())
    return size_conditions(images, [(width, height)] * len(images), settings)


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ((1024, 768), [768, 1024, 0, 0, 768, 1024]),  # as it is
        ((2048, 1536), [1536, 2048, 0, 0, 768, 1024]),  # scaled alone
        ((2048, 768), [768, 2048, 0, 512, 768, 1024]),  # cut at both sides
        ((512, 768), [768, 512, 384, 0, 768, 1024]),  # enlarged twofold, cut above and below
        ((100, 75), [75, 100, 0, 0, 768, 1024]),  # small, and told to be
    ],
)
def test_original_size_crop_and_target_with_height_before_width(
    size: tuple[int, int], told: list[int]
) -> None:
    assert told_of([image(*size)], 1024, 768).tolist() == [told]


def test_the_crop_that_is_told_is_the_one_that_is_cut() -> None:
    ramp = Image.new("L", (400, 100))
    ramp.putdata([column // 2 for _row in range(100) for column in range(400)])
    ((*_, left, _height, _width),) = told_of([image(400, 100)], 100, 100).int().tolist()

    assert fit_picture(ramp, 100, 100).getpixel((0, 50)) == ramp.getpixel((left, 50))


def test_every_picture_has_a_row() -> None:
    assert told_of([image(64, 64), image(80, 64)], 64, 64).shape == (2, 6)


SIDES = st.integers(1, 5000)


@given(SIDES, SIDES, st.integers(8, 256), st.integers(8, 256))
def test_the_crop_of_any_picture_lies_in_the_middle_of_it_and_cuts_one_side_alone(
    width: int, height: int, cells_wide: int, cells_high: int
) -> None:
    wanted = (8 * cells_wide, 8 * cells_high)
    (told,) = told_of([image(width, height)], *wanted).int().tolist()

    original_height, original_width, top, left, *target = told
    scale = max(wanted[0] / width, wanted[1] / height)
    assert (original_width, original_height) == (width, height)
    assert target == [wanted[1], wanted[0]]
    assert min(top, left) == 0
    assert abs(2 * left + wanted[0] - width * scale) <= 1.5
    assert abs(2 * top + wanted[1] - height * scale) <= 1.5
