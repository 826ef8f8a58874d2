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
from traintab.datasets.pictures import fit_picture, shown_box
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


def test_stretched_pictures_are_told_as_uncut() -> None:
    rules = PictureRules(resize_mode="stretch")
    assert told_of([image(100, 300)], 64, 128, rules).tolist() == [[300, 100, 0, 0, 128, 64]]


def test_pictures_that_are_not_resized_tell_the_pixels_that_are_cut_off() -> None:
    rules = PictureRules(resize_mode="none")
    assert told_of([image(77, 70)], 72, 64, rules).tolist() == [[70, 77, 3, 2, 64, 72]]


def test_each_picture_is_told_its_own_bucket() -> None:
    settings = LatentSettings(width=64, height=64, rules=PictureRules(resize_mode="buckets"))
    told = size_conditions([image(200, 100), image(100, 200)], [(128, 64), (64, 128)], settings)
    assert told[:, 4:].tolist() == [[64, 128], [128, 64]]


@given(SIDES, SIDES, st.sampled_from(["crop", "stretch"]))
def test_any_random_crop_and_its_mirror_image_are_told_where_they_are(
    width: int, height: int, mode: str
) -> None:
    rules = PictureRules(resize_mode=mode, variants=3, random_crop=0.4)
    told = told_of([image(width, height, "a")], 128, 64, rules, flip=True)
    assert told.shape == (6, 6)
    for number in (1, 2):
        part = rules.variant("a", number).part
        box = shown_box((width, height), (128, 64), mode, part)
        scale = 128 / (box.right - box.left)
        (upright, mirrored) = (told[2 * number + side].tolist() for side in (0, 1))
        assert abs(upright[3] - box.left * scale) <= 0.5
        assert abs(upright[3] + 128 + mirrored[3] - width * scale) <= 1.5
        assert upright[2] == mirrored[2]
