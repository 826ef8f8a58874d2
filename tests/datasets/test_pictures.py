"""Fitting pictures to the training size."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from traintab.datasets.pictures import fit_picture, pixels, shown_box, shown_picture
from traintab.datasets.variants import Colors, Part, PictureRules, Variant

PLAIN = PictureRules()


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def test_fitting_cuts_both_sides_alike_and_keeps_circles_round() -> None:
    image = Image.new("RGB", (60, 20), "white")
    image.paste("black", (16, 0, 44, 20))
    fitted = fit_picture(image, 40, 40)
    assert fitted.size == (40, 40)
    assert np.asarray(fitted).max() < 10, "only the black middle is left"


def test_a_picture_of_the_right_size_is_left_as_it_is() -> None:
    image = Image.new("RGB", (64, 32))
    assert fit_picture(image, 64, 32) is image


def test_pixels_run_from_minus_one_to_one() -> None:
    image = Image.new("RGB", (2, 1), (0, 255, 0))
    values = pixels(image)
    assert values.shape == (3, 1, 2)
    assert values.dtype == torch.float32
    assert values[:, 0, 0].tolist() == [-1.0, 1.0, -1.0]


@pytest.mark.parametrize("mode", ["crop", "buckets"])
def test_a_picture_as_it_is_is_fitted_as_ever(mode: str) -> None:
    shown = shown_picture(noise(100, 70), (64, 64), PictureRules(resize_mode=mode), Variant())
    assert shown.tobytes() == fit_picture(noise(100, 70), 64, 64).tobytes()


def test_stretching_loses_nothing_at_the_sides() -> None:
    image = Image.new("RGB", (80, 20), "white")
    image.paste("black", (0, 0, 40, 20))
    stretched = shown_picture(image, (40, 40), PictureRules(resize_mode="stretch"), Variant())
    row = np.asarray(stretched)[20, :, 0]
    assert (row[:18].max(), row[22:].min()) == (0, 255)


def test_a_picture_that_is_not_resized_keeps_its_very_pixels() -> None:
    image = noise(77, 70)
    kept = shown_picture(image, (72, 64), PictureRules(resize_mode="none"), Variant())
    assert kept.tobytes() == image.crop((2, 3, 74, 67)).tobytes()


SIDES = st.integers(8, 3000)
SHARES = st.floats(0, 1)


@given(SIDES, SIDES, st.integers(1, 128), st.integers(1, 128), st.floats(0.1, 1), SHARES, SHARES)
def test_any_part_lies_in_the_picture_and_has_the_size_s_shape(
    width: int, height: int, cells_wide: int, cells_high: int, share: float, x: float, y: float
) -> None:
    size = (8 * cells_wide, 8 * cells_high)
    left, top, right, bottom = shown_box((width, height), size, "crop", Part(share, x, y))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1], rel=1e-6)


def test_a_part_is_what_stands_there() -> None:
    image = Image.new("RGB", (64, 64), "white")
    image.paste("black", (32, 32, 64, 64))
    corner = shown_picture(image, (64, 64), PLAIN, Variant(part=Part(0.4, 1.0, 1.0)))
    assert np.asarray(corner).max() == 0
    assert np.asarray(shown_picture(image, (64, 64), PLAIN, Variant(part=Part(0.4, 0.0, 0.0)))).min() == 255


def test_grey_copies_have_no_colour() -> None:
    shown = np.asarray(shown_picture(noise(64, 64), (64, 64), PLAIN, Variant(is_gray=True)))
    assert (shown[..., 0] == shown[..., 1]).all()
    assert (shown[..., 1] == shown[..., 2]).all()


@pytest.mark.parametrize(
    ("colors", "of_red"),
    [
        (Colors(brightness=0.5), (100, 20, 20)),
        (Colors(saturation=0.0), (94, 94, 94)),
        (Colors(hue=1 / 3), (40, 200, 40)),
    ],
)
def test_jitter_changes_brightness_saturation_and_hue(colors: Colors, of_red: tuple[int, int, int]) -> None:
    red = Image.new("RGB", (8, 8), (200, 40, 40))
    shown = np.asarray(shown_picture(red, (8, 8), PLAIN, Variant(colors=colors)))[4, 4]
    assert np.abs(shown.astype(int) - of_red).max() <= 6


def test_less_contrast_brings_black_and_white_together() -> None:
    image = Image.new("RGB", (8, 8), "white")
    image.paste("black", (0, 0, 4, 8))
    shown = np.asarray(shown_picture(image, (8, 8), PLAIN, Variant(colors=Colors(contrast=0.5))))
    assert 0 < shown.min() < shown.max() < 255
