"""Fitting pictures to the training size."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from traintab.datasets.pictures import fit_picture, pixels


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
