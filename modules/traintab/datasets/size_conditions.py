"""What SDXL is told of the pictures it is trained on: how large they were, and what was cut off."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .report import DatasetImage

__all__ = ["size_conditions"]


def size_conditions(images: Sequence[DatasetImage], width: int, height: int) -> torch.Tensor:
    """SDXL's time ids of pictures that `fit_picture` brings to `width` × `height`: float32 `[n, 6]`.

    Original height and width, the crop's top and left, height and width of the training, in pixels
    (Podell et al. 2023, section 2.2). The truth: a small picture's blur is then laid to its size, not to
    what is learned of it. The crop is told in pixels of the scaled picture, as in that training; it is in
    the middle, so that a mirrored picture has the same one.
    """
    return torch.tensor([_time_ids(image, width, height) for image in images], dtype=torch.float32)


def _time_ids(image: DatasetImage, width: int, height: int) -> tuple[int, ...]:
    scale = max(width / image.width, height / image.height)
    top = max(0, round(image.height * scale) - height) // 2
    left = max(0, round(image.width * scale) - width) // 2
    return image.height, image.width, top, left, height, width
