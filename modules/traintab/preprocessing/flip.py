"""Mirrored copies, so that a small set of pictures teaches more poses."""

from __future__ import annotations

from PIL import Image

__all__ = ["exchanges_left_and_right", "flips"]

_HORIZONTAL = Image.Transpose.FLIP_LEFT_RIGHT
_VERTICAL = Image.Transpose.FLIP_TOP_BOTTOM


def flips(direction: str) -> tuple[Image.Transpose, ...]:
    """The copies to make of a picture.

    `direction`: `none` gives no copy, `horizontal` one with left and right exchanged, `vertical` one upside
    down, `both` three: either, and both at once, which is half a turn.
    """
    if direction == "none":
        return ()
    if direction == "horizontal":
        return (_HORIZONTAL,)
    if direction == "vertical":
        return (_VERTICAL,)
    return (_HORIZONTAL, _VERTICAL, Image.Transpose.ROTATE_180)


def exchanges_left_and_right(flip: Image.Transpose) -> bool:
    """Whether what looks to the left looks to the right afterwards."""
    return flip is not _VERTICAL
