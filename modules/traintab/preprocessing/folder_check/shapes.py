"""Shapes of pictures under the names that people know them by."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .facts import PictureFacts

__all__ = ["SHAPES", "kept_share", "shape_counts", "shape_of"]

SHAPES = {
    "1:2": 0.5,
    "9:16": 9 / 16,
    "2:3": 2 / 3,
    "3:4": 3 / 4,
    "4:5": 4 / 5,
    "1:1": 1.0,
    "5:4": 5 / 4,
    "4:3": 4 / 3,
    "3:2": 3 / 2,
    "16:9": 16 / 9,
    "2:1": 2.0,
}
"""Width to height; the first is for all that are taller too, the last for all that are wider."""


def shape_of(width: int, height: int) -> str:
    """The name of the shape nearest to a picture's."""
    return min(SHAPES, key=lambda name: abs(math.log(width / height / SHAPES[name])))


def shape_counts(pictures: Sequence[PictureFacts]) -> dict[str, int]:
    """How many pictures have each shape, from the tallest to the widest."""
    counts = dict.fromkeys(SHAPES, 0)
    for one in pictures:
        counts[shape_of(one.width, one.height)] += 1
    return counts


def kept_share(picture: PictureFacts, size: tuple[int, int]) -> float:
    """How much of a picture's area a crop to the shape of `size` (width, height) leaves, 0 to 1."""
    own, wanted = picture.width / picture.height, size[0] / size[1]
    return min(own / wanted, wanted / own)
