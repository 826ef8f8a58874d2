from __future__ import annotations

import pytest
from PIL import Image

from traintab.configs import ColorsConfig, PreprocessConfig
from traintab.preprocessing.copies import flipped, grayscale, pictures_of_one
from traintab.preprocessing.derived import DerivedPicture


def config(flip: str = "none", *, grayscale_copies: bool = False) -> PreprocessConfig:
    return PreprocessConfig(flip=flip, colors=ColorsConfig(grayscale_copies=grayscale_copies))


def picture() -> DerivedPicture:
    """Red, with its upper left corner white in the mask."""
    mask = Image.new("L", (2, 2))
    mask.putpixel((0, 0), 255)
    return DerivedPicture(image=Image.new("RGB", (2, 2), "red"), mask=mask, original=5)


@pytest.mark.parametrize(
    ("flip", "mirrored", "corners"),
    [
        ("none", [], []),
        ("horizontal", [True], [(1, 0)]),
        ("vertical", [False], [(0, 1)]),
        ("both", [True, False, True], [(1, 0), (0, 1), (1, 1)]),
    ],
)
def test_copies_know_whether_left_and_right_are_exchanged(
    flip: str, mirrored: list[bool], corners: list[tuple[int, int]]
) -> None:
    copies = list(flipped(picture(), config(flip)))
    assert [copy.mirrored for copy in copies] == mirrored
    assert [copy.original for copy in copies] == [5] * len(copies)
    for copy, corner in zip(copies, corners, strict=True):
        assert copy.mask is not None
        assert copy.mask.getpixel(corner) == 255


def test_a_copy_of_a_mirrored_picture_is_turned_back() -> None:
    (once,) = flipped(picture(), config("horizontal"))
    (twice,) = flipped(once, config("horizontal"))
    assert (once.mirrored, twice.mirrored) == (True, False)


def test_a_picture_without_colours_keeps_mask_and_side() -> None:
    (once,) = flipped(picture(), config("horizontal"))
    (grey,) = grayscale(once, config(grayscale_copies=True))
    assert grey.image.getpixel((0, 0)) == (76, 76, 76)
    assert grey.mirrored
    assert grey.mask is once.mask
    assert list(grayscale(picture(), config())) == []


@pytest.mark.parametrize(
    ("flip", "grey", "count"),
    [("none", False, 1), ("horizontal", True, 4), ("both", False, 4), ("both", True, 8)],
)
def test_how_many_pictures_come_of_one(flip: str, grey: bool, count: int) -> None:
    assert pictures_of_one(config(flip, grayscale_copies=grey)) == count
