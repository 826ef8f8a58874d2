"""Cuts: how a picture is scaled, and which part of it is taken then; the cut of its middle."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

__all__ = ["Cut", "centre_cut", "covering_size"]

Size = tuple[int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A part of a picture: it is scaled to `scaled` (width, height), and `box` is taken of that.

    `box` is (left, top, right, bottom) in pixels of the scaled picture. A cut is made for a picture's size
    and fits all that has the same shape, its mask too.
    """

    scaled: Size
    box: Box

    @property
    def size(self) -> Size:
        """Width and height of what is cut out, in pixels."""
        left, top, right, bottom = self.box
        return right - left, bottom - top

    def of(
        self,
        image: Image.Image,
        resampling: Image.Resampling = Image.Resampling.LANCZOS,
        *,
        filled: tuple[float, float] | None = None,
    ) -> Image.Image:
        """This part of `image`, which may have any size. Only the pixels that are kept are reckoned.

        `filled` is how many pixels of its width and height the picture fills, where that isn't all.
        """
        width, height = filled or image.size
        if (width, height) == self.scaled == image.size:
            return image.crop(self.box)
        across, down = width / self.scaled[0], height / self.scaled[1]
        left, top, right, bottom = self.box
        part = (left * across, top * down, min(right * across, width), min(bottom * down, height))
        return image.resize(self.size, resampling, box=part)


def covering_size(image_size: Size, width: int, height: int) -> Size:
    """The smallest size, in the proportions of `image_size`, that covers `width` x `height` pixels."""
    factor = max(width / image_size[0], height / image_size[1])
    # The rounding is upwards except for float noise, so that no side falls a pixel short.
    return (
        max(width, math.ceil(image_size[0] * factor - 1e-6)),
        max(height, math.ceil(image_size[1] * factor - 1e-6)),
    )


def centre_cut(image_size: Size, width: int, height: int) -> Cut:
    """The middle of a picture at `width` x `height` pixels: as much of it as the shape allows."""
    scaled = covering_size(image_size, width, height)
    left = (scaled[0] - width) // 2
    top = (scaled[1] - height) // 2
    return Cut(scaled=scaled, box=(left, top, left + width, top + height))
