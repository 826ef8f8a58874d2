"""A brush: shapes on a PIL canvas in one style, placed by an offset and a scale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from ..styles import Style
from ..world import RGB

CANVAS = 512
Point = tuple[float, float]
Paint = RGB | Image.Image


@lru_cache(maxsize=16)
def _spline_basis(steps: int) -> np.ndarray:
    t = np.arange(steps)[:, None] / steps
    return 0.5 * np.hstack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]
    )


def smooth(points: Sequence[Point], closed: bool = True, steps: int = 6) -> list[Point]:
    """A Catmull-Rom curve through `points`, with `steps` segments between neighbours."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        knots = np.vstack([knots[-1:], knots, knots[:2]])
    else:
        knots = np.vstack([knots[:1], knots, knots[-1:]])
    windows = np.stack([knots[i : len(knots) - 3 + i] for i in range(4)], axis=1)
    curve = np.einsum("sk,nkd->nsd", _spline_basis(steps), windows).reshape(-1, 2)
    if not closed:
        curve = np.vstack([curve, knots[-1:]])
    return [(float(x), float(y)) for x, y in curve]


def mirrored(points: Sequence[Point]) -> list[Point]:
    """`points` reflected at the middle of the canvas."""
    return [(CANVAS - x, y) for x, y in points]


class Brush:
    """Draws filled, outlined shapes; colours pass through the style's palette."""

    def __init__(self, image: Image.Image, style: Style) -> None:
        self.image = image
        self.style = style
        self.offset: Point = (0.0, 0.0)
        self.scale = 1.0
        self._draw = ImageDraw.Draw(image)

    def place(self, offset: Point, scale: float) -> None:
        """Move and scale everything drawn from now on about the middle of the canvas."""
        self.offset, self.scale = offset, scale

    def _placed(self, points: Sequence[Point]) -> list[Point]:
        middle = CANVAS / 2
        dx, dy = self.offset[0] + middle, self.offset[1] + middle
        return [((x - middle) * self.scale + dx, (y - middle) * self.scale + dy) for x, y in points]

    def polygon(self, points: Sequence[Point], paint: Paint, *, outline: bool = True) -> None:
        """A filled polygon; `paint` is a colour, or a canvas-sized picture seen through the shape."""
        placed = self._placed(points)
        if isinstance(paint, Image.Image):
            self._paste(placed, paint)
        else:
            self._draw.polygon(placed, fill=self.style.paint(paint))
        if outline:
            own = paint if not isinstance(paint, Image.Image) else None
            self._stroke([*placed, placed[0], placed[1]], self.style.ink(own), self.style.outline)

    def ellipse(self, center: Point, radii: Point, paint: Paint, *, outline: bool = True) -> None:
        """A filled ellipse with the given radii."""
        if isinstance(paint, Image.Image):
            angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
            xs, ys = center[0] + radii[0] * np.cos(angles), center[1] + radii[1] * np.sin(angles)
            self.polygon(list(zip(xs.tolist(), ys.tolist(), strict=True)), paint, outline=outline)
            return
        (x, y), rx, ry = self._placed([center])[0], radii[0] * self.scale, radii[1] * self.scale
        if outline:
            half = self.style.outline / 2
            self._draw.ellipse(
                (x - rx - half, y - ry - half, x + rx + half, y + ry + half), self.style.ink(paint)
            )
            rx, ry = max(1.0, rx - half), max(1.0, ry - half)
        self._draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=self.style.paint(paint))

    def ring(self, center: Point, radii: Point, paint: RGB, width: float) -> None:
        """An unfilled ellipse with a line of `width` pixels."""
        (x, y), rx, ry = self._placed([center])[0], radii[0] * self.scale, radii[1] * self.scale
        self._draw.ellipse(
            (x - rx, y - ry, x + rx, y + ry), outline=self.style.paint(paint), width=round(width)
        )

    def line(self, points: Sequence[Point], paint: RGB | None = None, width: float = 0.0) -> None:
        """An open line: in `paint`, or in the style's ink; `width` 0 means the style's outline."""
        ink = self.style.ink() if paint is None else self.style.paint(paint)
        self._stroke(self._placed(points), ink, width or self.style.outline)

    def _stroke(self, placed: Sequence[Point], ink: RGB, width: float) -> None:
        if width >= 1:
            self._draw.line(list(placed), fill=ink, width=round(width), joint="curve")

    def _paste(self, placed: Sequence[Point], paint: Image.Image) -> None:
        xs, ys = [x for x, _ in placed], [y for _, y in placed]
        left, top = max(0, int(min(xs))), max(0, int(min(ys)))
        right, bottom = min(CANVAS, int(max(xs)) + 2), min(CANVAS, int(max(ys)) + 2)
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in placed], fill=255)
        self.image.paste(paint.crop((left, top, right, bottom)), (left, top), mask)
