"""Resize a picture until it covers the target size, then cut out a part of exactly that size."""

from __future__ import annotations

import math

from PIL import Image

__all__ = ["resize_and_crop", "resized_to_cover"]


def resized_to_cover(image: Image.Image, width: int, height: int) -> Image.Image:
    """`image` scaled, sides in proportion, to the smallest size that covers `width` x `height` pixels."""
    factor = max(width / image.width, height / image.height)
    # The rounding is upwards except for float noise, so that no side falls a pixel short.
    size = (
        max(width, math.ceil(image.width * factor - 1e-6)),
        max(height, math.ceil(image.height * factor - 1e-6)),
    )
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def resize_and_crop(image: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of `image` at `width` x `height` pixels: as much of it as the shape allows."""
    covering = resized_to_cover(image, width, height)
    left = (covering.width - width) // 2
    top = (covering.height - height) // 2
    return covering.crop((left, top, left + width, top + height))
