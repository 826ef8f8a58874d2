"""Cut a picture around what draws the eye instead of around its middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from ..configs import FocalCropConfig
from .crop import Cut, covering_size
from .focal_points import FocalPoint, corner_points, entropy_point, face_points

__all__ = ["FocalCrop", "focal_crop"]

_COLORS = {"edges": "blue", "entropy": "yellow", "faces": "red"}


@dataclass(frozen=True, kw_only=True)
class FocalCrop:
    """A cut, the scaled picture that was looked at for it, and the points that were found there."""

    cut: Cut
    scaled: Image.Image
    points: dict[str, list[FocalPoint]]

    def debug_picture(self) -> Image.Image:
        """The scaled picture with the box in green, edges blue, entropy yellow, faces red."""
        picture = self.scaled.copy()
        pen = ImageDraw.Draw(picture)
        for kind, points in self.points.items():
            for point in points:
                x, y, size = point.x, point.y, point.size
                pen.ellipse((x - size, y - size, x + size, y + size), outline=_COLORS[kind], width=2)
        left, top, right, bottom = self.cut.box
        pen.rectangle((left, top, right - 1, bottom - 1), outline="lime", width=2)
        return picture


def focal_crop(image: Image.Image, width: int, height: int, weights: FocalCropConfig) -> FocalCrop:
    """The `width` x `height` part of an RGB `image` whose middle is as near as it can be to the focal point.

    The focal point is the mean of the centres of edges, entropy and faces, weighted; kinds that found
    nothing don't count. Without any the crop is the middle. The box never leaves the picture.
    """
    size = covering_size(image.size, width, height)
    scaled = image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
    points = _points(scaled, width, height, weights)
    centres = {kind: _centre(found) for kind, found in points.items() if found}
    shares = {"edges": weights.edges_weight, "entropy": weights.entropy_weight, "faces": weights.face_weight}
    total = sum(shares[kind] for kind in centres)
    focus_x, focus_y = scaled.width / 2, scaled.height / 2
    if total > 0:
        focus_x = sum(shares[kind] * x for kind, (x, _) in centres.items()) / total
        focus_y = sum(shares[kind] * y for kind, (_, y) in centres.items()) / total
    left = min(max(round(focus_x - width / 2), 0), scaled.width - width)
    top = min(max(round(focus_y - height / 2), 0), scaled.height - height)
    box = (left, top, left + width, top + height)
    return FocalCrop(cut=Cut(scaled=size, box=box), scaled=scaled, points=points)


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
