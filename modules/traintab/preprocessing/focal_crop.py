"""Cut a picture around what draws the eye instead of around its middle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from ..configs import FocalCropConfig
from .crop import Cut, covering_size
from .focal_points import FocalPoint, corner_points, entropy_point, face_points

__all__ = ["FocalCrop", "focal_crop"]

# More than a picture four times as long as it is high has at 1024 pixels: finding faces takes a second there.
_MOST_PIXELS = 1 << 22
_COLORS = {"edges": "blue", "entropy": "yellow", "faces": "red"}


@dataclass(frozen=True, kw_only=True)
class FocalCrop:
    """A cut, the picture that was looked at for it, and the points that were found there.

    `looked_at` is the picture at the cut's scaled size, smaller only where that is very large; the points are
    in its pixels.
    """

    cut: Cut
    looked_at: Image.Image
    points: dict[str, list[FocalPoint]]

    def debug_picture(self) -> Image.Image:
        """What was looked at with the box in green, edges blue, entropy yellow, faces red."""
        picture = self.looked_at.copy()
        pen = ImageDraw.Draw(picture)
        for kind, points in self.points.items():
            for point in points:
                x, y, size = point.x, point.y, point.size
                pen.ellipse((x - size, y - size, x + size, y + size), outline=_COLORS[kind], width=2)
        scale = picture.width / self.cut.scaled[0], picture.height / self.cut.scaled[1]
        left, top, right, bottom = (
            side * along for side, along in zip(self.cut.box, (*scale, *scale), strict=True)
        )
        pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), outline="lime", width=2)
        return picture


def focal_crop(image: Image.Image, width: int, height: int, weights: FocalCropConfig) -> FocalCrop:
    """The `width` x `height` part of an RGB `image` whose middle is as near as it can be to the focal point.

    The focal point is the mean of the centres of edges, entropy and faces, weighted; kinds that found
    nothing don't count. Without any the crop is the middle. The box never leaves the picture; where it fills
    it, nothing is looked for.
    """
    scaled = covering_size(image.size, width, height)
    looked_at = _at_most(image, scaled)
    across, down = scaled[0] / looked_at.width, scaled[1] / looked_at.height
    has_room = scaled != (width, height)
    points = _points(looked_at, round(width / across), round(height / down), weights) if has_room else {}
    focus = _focus(points, weights) or (looked_at.width / 2, looked_at.height / 2)
    left = min(max(round(focus[0] * across - width / 2), 0), scaled[0] - width)
    top = min(max(round(focus[1] * down - height / 2), 0), scaled[1] - height)
    box = (left, top, left + width, top + height)
    return FocalCrop(cut=Cut(scaled=scaled, box=box), looked_at=looked_at, points=points)


def _at_most(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` at `size`, or at a smaller size of that shape: a line of pixels would be scaled to billions."""
    shrink = min(1.0, math.sqrt(_MOST_PIXELS / (size[0] * size[1])))
    width, height = (max(1, round(side * shrink)) for side in size)
    return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.LANCZOS)


def _focus(points: dict[str, list[FocalPoint]], weights: FocalCropConfig) -> tuple[float, float] | None:
    """The weighted mean of the centres of each kind that found any points."""
    centres = {kind: _centre(found) for kind, found in points.items() if found}
    shares = {"edges": weights.edges_weight, "entropy": weights.entropy_weight, "faces": weights.face_weight}
    total = sum(shares[kind] for kind in centres)
    if total <= 0:
        return None
    return (
        sum(shares[kind] * x for kind, (x, _) in centres.items()) / total,
        sum(shares[kind] * y for kind, (_, y) in centres.items()) / total,
    )


def _points(
    image: Image.Image, width: int, height: int, weights: FocalCropConfig
) -> dict[str, list[FocalPoint]]:
    points: dict[str, list[FocalPoint]] = {}
    if weights.edges_weight > 0:
        points["edges"] = corner_points(image)
    if weights.entropy_weight > 0:
        found = entropy_point(image, width, height)
        points["entropy"] = [] if found is None else [found]
    if weights.face_weight > 0:
        points["faces"] = face_points(image)
    return points


def _centre(points: Sequence[FocalPoint]) -> tuple[float, float]:
    return (
        sum(point.x for point in points) / len(points),
        sum(point.y for point in points) / len(points),
    )
