"""The sizes at which pictures are trained: one for all, one near each picture's shape, or its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError

__all__ = ["LARGEST_SIDE", "SMALLEST_SIDE", "SizeRules", "bucket_sizes"]

Size = tuple[int, int]

# The sides of the pictures that a model takes, as for Width and Height.
SMALLEST_SIDE, LARGEST_SIDE = 64, 2048
_MULTIPLE = 8


@dataclass(frozen=True, kw_only=True)
class SizeRules:
    """How a picture gets its size for training; all in pixels.

    `width` and `height` are those of the run. `resolutions` are the sides of squares, in whose place sizes of
    the same area may come; empty, the run's own area counts. `smallest` and `largest` bound the sides of
    buckets; None is half and twice the resolution.
    """

    width: int
    height: int
    resize_mode: str = "crop"
    resolutions: tuple[int, ...] = ()
    bucket_step: int = 64
    smallest: int | None = None
    largest: int | None = None
    no_upscale: bool = False

    def sizes_of(self, width: int, height: int) -> tuple[Size, ...]:
        """The width and height for a picture of this size, one pair for each resolution.

        Raises ConfigError when the bounds leave no bucket, and for a resolution that makes a side too large.
        """
        if self.resize_mode == "none":
            return ((width // _MULTIPLE * _MULTIPLE, height // _MULTIPLE * _MULTIPLE),)
        if self.resize_mode != "buckets":
            return tuple(self._scaled(side) for side in self.resolutions) or ((self.width, self.height),)
        sides = self.resolutions or (math.isqrt(self.width * self.height),)
        return tuple(self._bucket_of((width, height), side) for side in sides)

    def _scaled(self, side: int) -> Size:
        """The run's shape with the area of a square of this side; raises ConfigError."""
        scale = side / math.sqrt(self.width * self.height)
        width, height = (
            max(1, round(length * scale / _MULTIPLE)) * _MULTIPLE for length in (self.width, self.height)
        )
        if max(width, height) > LARGEST_SIDE:
            raise ConfigError(
                f"Resolutions has {side} in it, which in the shape of {self.width} x {self.height} would be"
                f" {width} x {height}; sides can have up to {LARGEST_SIDE} pixels. Choose a lower one.",
                field="resolutions",
            )
        return width, height

    def _bucket_of(self, picture: Size, side: int) -> Size:
        """The bucket that cuts the least off the picture; of several such ones the largest."""
        width, height = picture
        buckets = bucket_sizes(side, step=self.bucket_step, smallest=self.smallest, largest=self.largest)
        shape = math.log(width / height)
        nearest = min(
            buckets, key=lambda size: (abs(math.log(size[0] / size[1]) - shape), -size[0] * size[1])
        )
        if self.no_upscale and (nearest[0] > width or nearest[1] > height):
            own = self._own_size(picture, side)
            return own if min(own) >= self.bucket_step else nearest
        return nearest

    def _own_size(self, picture: Size, side: int) -> Size:
        """The picture's own size in whole steps, made smaller where the area of a bucket is less, and cut off
        where its largest side is.
        """
        scale = min(1.0, side / math.sqrt(picture[0] * picture[1]))
        largest = _largest(side, self.bucket_step, self.largest)
        width, height = (int(length * scale) // self.bucket_step * self.bucket_step for length in picture)
        return min(width, largest), min(height, largest)


def bucket_sizes(side: int, *, step: int, smallest: int | None, largest: int | None) -> tuple[Size, ...]:
    """The sizes whose sides are multiples of `step` between the bounds, and whose area is at most `side`².

    For each width the greatest height, and both the other way round, as in the training of NovelAI (2022).
    Raises ConfigError when there is none.
    """
    low = max(1, math.ceil((side // 2 if smallest is None else smallest) / step)) * step
    high = _largest(side, step, largest)
    found = set(_with_greatest_height(side, step, low, high))
    square = min(side // step * step, high)
    if square >= low:
        found.add((square, square))
    if not found:
        raise ConfigError(
            f"No bucket fits a resolution of {side}: its sides would have to be multiples of {step} from"
            f" {low} to {high}. Lower Bucket step or Smallest bucket side, or raise Largest bucket side.",
            field="bucket_step",
        )
    return tuple(sorted(found))


def _largest(side: int, step: int, largest: int | None) -> int:
    return (2 * side if largest is None else largest) // step * step


def _with_greatest_height(side: int, step: int, low: int, high: int) -> Iterator[Size]:
    for width in range(low, high + 1, step):
        height = min(side * side // width // step * step, high)
        if height >= low:
            yield width, height
            yield height, width
