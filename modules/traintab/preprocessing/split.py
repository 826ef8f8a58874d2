"""Cut a picture that is much longer than the target shape into overlapping pieces."""

from __future__ import annotations

import math

from .crop import Cut

__all__ = ["is_oversized", "split_cuts"]


def is_oversized(image_size: tuple[int, int], width: int, height: int, threshold: float) -> bool:
    """Whether a picture is so much longer than `width` x `height` that it should be split.

    With r its aspect in units of the target's (below 1 when it is longer), that is r <= `threshold` (0 to
    1). The rule is the web UI's: tall pictures are compared by height, all others by width.
    """
    across, down = image_size
    ratio = (across * height) / (down * width) if down > across else (down * width) / (across * height)
    return ratio < 1 and ratio <= threshold


def split_cuts(image_size: tuple[int, int], width: int, height: int, overlap: float) -> list[Cut]:
    """Pieces of `width` x `height` pixels that cover an oversized picture from one end to the other.

    A tall picture is cut from top to bottom, any other from left to right. Neighbours share at least the
    share `overlap` (0 to 0.9) of a piece; the pieces are evenly spaced and their number is the smallest
    that allows it.
    """
    across, down = image_size
    if down > across:
        length = max(height, down * width // across)
        return [
            Cut(scaled=(width, length), box=(0, top, width, top + height))
            for top in _offsets(length, height, overlap)
        ]
    length = max(width, across * height // down)
    return [
        Cut(scaled=(length, height), box=(left, 0, left + width, height))
        for left in _offsets(length, width, overlap)
    ]


def _offsets(length: int, piece: int, overlap: float) -> list[int]:
    count = math.ceil((length - piece * overlap) / (piece * (1 - overlap)) - 1e-9)
    if count <= 1:
        return [0]
    # In whole numbers, so that no rounding keeps the last piece from the end.
    return [(length - piece) * index // (count - 1) for index in range(count)]
