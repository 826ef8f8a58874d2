"""Vectors of pictures that were looked at before are kept."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image

from traintab.likeness.looking import SeenPictures, picture_key


def picture(color: str, size: tuple[int, int] = (4, 4)) -> Image.Image:
    return Image.new("RGB", size, color)


class Eye:
    def __init__(self) -> None:
        self.looked = 0

    def __call__(self, images: Sequence[Image.Image]) -> torch.Tensor:
        self.looked += len(images)
        return torch.tensor([image.convert("RGB").getpixel((0, 0)) for image in images], dtype=torch.float32)


def test_a_picture_is_looked_at_once_and_the_order_is_kept() -> None:
    seen, eye = SeenPictures(), Eye()
    seen.features([picture("red")], "eye", eye)
    found = seen.features([picture("blue"), picture("red"), picture("blue")], "eye", eye)
    assert found.tolist() == [[0, 0, 255], [255, 0, 0], [0, 0, 255]] and eye.looked == 2


def test_another_encoder_sees_for_itself() -> None:
    seen, eye = SeenPictures(), Eye()
    seen.features([picture("red")], "one", eye)
    seen.features([picture("red")], "other", eye)
    assert eye.looked == 2


def test_pictures_of_the_same_pixels_and_another_shape_are_different() -> None:
    assert picture_key(picture("red", (2, 8))) != picture_key(picture("red", (8, 2)))


def test_the_oldest_are_forgotten() -> None:
    seen, eye = SeenPictures(most=2), Eye()
    for color in ("red", "green", "blue", "red"):
        seen.features([picture(color)], "eye", eye)
    assert eye.looked == 4


def test_more_pictures_than_are_kept_are_all_answered() -> None:
    colors = ["red", "green", "blue", "white"]
    found = SeenPictures(most=1).features([picture(color) for color in colors], "eye", Eye())
    assert len(found) == 4
