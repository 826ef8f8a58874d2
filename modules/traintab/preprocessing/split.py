"""Cut a picture that is much longer than the target shape into overlapping pieces."""

from __future__ import annotations

import math

from PIL import Image

__all__ = ["is_oversized", "split_oversized"]


def is_oversized(image: Image.Image, width: int, height: int, threshold: float) -> bool:
    """Whether `image` is so much longer than `width` x `height` that it should be split.

    With r the picture's aspect in units of the target's (below 1 when it is longer), that is r <= `threshold`
    (0 to 1). The rule is the web UI's: tall pictures are compared by height, all others by width.
    """
    if image.height > image.width:
        ratio = (image.width * height) / (image.height * width)
    else:
        ratio = (image.height * width) / (image.width * height)
    return ratio < 1 and ratio <= threshold


def split_oversized(image: Image.Image, width: int, height: int, overlap: float) -> list[Image.Image]:
    """Pieces of `width` x `height` pixels that cover `image` from one end to the other.

    A tall picture is cut from top to bottom, any other from left to right. Neighbours share at least the
    share `overlap` (0 to 0.9) of a piece; the pieces are evenly spaced and their number is the smallest
    that allows it.
    """
    if image.height > image.width:
        strip = image.resize(
            (width, max(height, image.height * width // image.width)), Image.Resampling.LANCZOS
        )
        offsets = _offsets(strip.height, height, overlap)
        return [strip.crop((0, top, width, top + height)) for top in offsets]
    strip = image.resize((max(width, image.width * height // image.height), height), Image.Resampling.LANCZOS)
    offsets = _offsets(strip.width, width, overlap)
    return [strip.crop((left, 0, left + width, height)) for left in offsets]


def _offsets(length: int, piece: int, overlap: float) -> list[int]:
    count = math.ceil((length - piece * overlap) / (piece * (1 - overlap)) - 1e-9)
    if count <= 1:
        return [0]
    spacing = (length - piece) / (count - 1)
    return [int(spacing * index) for index in range(count)]
