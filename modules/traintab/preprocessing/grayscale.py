"""Copies without colours, so that shapes are learned more than colours."""

from __future__ import annotations

from PIL import Image

__all__ = ["grayscale_copy"]


def grayscale_copy(image: Image.Image) -> Image.Image:
    """`image`, RGB or RGBA, in its own mode with all colour taken out (luma of ITU-R 601)."""
    grey = image.convert("L").convert("RGB")
    if image.mode == "RGBA":
        grey.putalpha(image.getchannel("A"))
    return grey
