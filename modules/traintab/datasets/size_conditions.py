"""What SDXL is told of the pictures it is trained on: how large they were, and what was cut off."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from .latents import LatentSettings
from .pictures import shown_box
from .report import DatasetImage
from .variants import Part

__all__ = ["size_conditions"]

Size = tuple[int, int]


def size_conditions(
    images: Sequence[DatasetImage], sizes: Sequence[Size], settings: LatentSettings
) -> torch.Tensor:
    """SDXL's time ids of pictures that are brought to `sizes`, width and height: float32 `[views * n, 6]`.

    Original height and width, the crop's top and left, height and width of the training, in pixels
    (Podell et al. 2023, section 2.2). The truth: a small picture's blur is then laid to its size, not to
    what is learned of it. The crop is told in pixels of the scaled picture, as in that training. First come
    all pictures' first views, then all second ones, as in `CachedLatents`.
    """
    of_each = [_of_views(image, size, settings) for image, size in zip(images, sizes, strict=True)]
    return torch.tensor(
        [ids[view] for view in range(settings.num_views) for ids in of_each], dtype=torch.float32
    )


def _of_views(image: DatasetImage, size: Size, settings: LatentSettings) -> list[tuple[int, ...]]:
    rules = settings.rules
    found: list[tuple[int, ...]] = []
    for number in range(rules.variants):
        part = rules.variant(image.content_hash, number).part
        top, left, from_right = _crop(image, size, rules.resize_mode, part)
        for is_mirrored in settings.sides:
            seen_left = from_right if is_mirrored else left
            found.append((image.height, image.width, top, seen_left, size[1], size[0]))
    return found


def _crop(image: DatasetImage, size: Size, resize_mode: str, part: Part) -> tuple[int, int, int]:
    """What is cut off above, at the left and at the right, in pixels of the scaled picture.

    A crop in the middle has the same on both sides, so that a mirrored picture is told the same.
    """
    width, height = size
    if resize_mode == "stretch" and part == Part():
        return 0, 0, 0
    if resize_mode not in ("stretch", "none") and part == Part():
        scale = max(width / image.width, height / image.height)
        left = max(0, round(image.width * scale) - width) // 2
        return max(0, round(image.height * scale) - height) // 2, left, left
    box = shown_box((image.width, image.height), size, resize_mode, part)
    across, down = width / (box.right - box.left), height / (box.bottom - box.top)
    return round(box.top * down), round(box.left * across), round((image.width - box.right) * across)
