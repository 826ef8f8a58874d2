"""Mirrored copies, so that a small set of pictures teaches more poses."""

from __future__ import annotations

from PIL import Image, ImageOps

__all__ = ["FLIP_DIRECTIONS", "flipped_copies"]

FLIP_DIRECTIONS = ("none", "horizontal", "vertical", "both")


def flipped_copies(image: Image.Image, direction: str) -> list[Image.Image]:
    """The mirrored copies of `image`, without itself.

    `direction`: `none` gives no copy, `horizontal` one with left and right exchanged, `vertical` one upside
    down, `both` three: either, and both at once.
    """
    if direction == "none":
        return []
    if direction == "horizontal":
        return [ImageOps.mirror(image)]
    if direction == "vertical":
        return [ImageOps.flip(image)]
    mirrored = ImageOps.mirror(image)
    return [mirrored, ImageOps.flip(image), ImageOps.flip(mirrored)]
