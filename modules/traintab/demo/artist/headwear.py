"""What sits on or in the hair."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..world import COLORS, RGB
from .background import darker
from .brush import Brush, Point, mirrored, smooth

_PINK: RGB = (255, 170, 190)


def _bow(brush: Brush, color: RGB) -> None:
    wing: list[Point] = [(344, 84), (300, 44), (276, 70), (280, 116), (306, 126)]
    brush.polygon(smooth(wing, steps=4), color)
    brush.polygon(smooth([(2 * 346 - x, y) for x, y in wing], steps=4), color)
    brush.ellipse((346, 88), (18, 20), darker(color))


def _hat(brush: Brush, color: RGB) -> None:
    brush.polygon(smooth([(142, 108), (160, 40), (230, 6), (300, 6), (356, 44), (372, 108)]), color)
    brush.polygon(
        smooth([(70, 112), (150, 92), (256, 86), (362, 92), (442, 112), (362, 136), (150, 136)]), color
    )
    brush.polygon([(146, 74), (368, 74), (372, 100), (142, 100)], darker(color, 0.45), outline=False)


def _cat_ears(brush: Brush, hair: RGB) -> None:
    ear: list[Point] = [(116, 130), (112, 14), (212, 62)]
    inner: list[Point] = [(134, 102), (130, 46), (182, 70)]
    for outer, filling in ((ear, inner), (mirrored(ear), mirrored(inner))):
        brush.polygon(outer, hair)
        brush.polygon(filling, _PINK, outline=False)


def _bunny_ears(brush: Brush, _: RGB) -> None:
    for x in (186, 326):
        brush.ellipse((x, 54), (30, 66), (250, 246, 248))
        brush.ellipse((x, 60), (14, 46), _PINK, outline=False)


def _horns(brush: Brush, _: RGB) -> None:
    horn = smooth([(140, 116), (104, 76), (96, 14), (132, 44), (190, 82)], steps=4)
    brush.polygon(horn, (120, 30, 44))
    brush.polygon(mirrored(horn), (120, 30, 44))


def _flower(brush: Brush, color: RGB) -> None:
    for i in range(5):
        angle = 2 * math.pi * i / 5 - math.pi / 2
        brush.ellipse((352 + 36 * math.cos(angle), 104 + 36 * math.sin(angle)), (28, 28), color)
    brush.ellipse((352, 104), (20, 20), (255, 226, 90))


def _headphones(brush: Brush, color: RGB) -> None:
    band: list[Point] = [(108, 240), (112, 110), (180, 40), (256, 22), (332, 40), (400, 110), (404, 240)]
    brush.line(smooth(band, closed=False), width=30 + brush.style.outline)
    brush.line(smooth(band, closed=False), color, width=30 - brush.style.outline)
    for x in (110, 402):
        brush.ellipse((x, 246), (34, 50), color)


def _crown(brush: Brush, _: RGB) -> None:
    points: list[Point] = [(168, 96), (154, 6), (206, 50), (256, 2), (306, 50), (358, 6), (344, 96)]
    brush.polygon(points, (252, 208, 60))
    brush.ellipse((256, 66), (14, 16), COLORS["red"], outline=False)


_DRAW: dict[str, Callable[[Brush, RGB], None]] = {
    "bow": _bow,
    "hat": _hat,
    "cat ears": _cat_ears,
    "bunny ears": _bunny_ears,
    "horns": _horns,
    "flower": _flower,
    "headphones": _headphones,
    "crown": _crown,
}


def draw_headwear(brush: Brush, headwear: str, color: RGB) -> None:
    """Draw `headwear`; `color` is its own colour, or the hair's for cat ears."""
    if headwear != "none":
        _DRAW[headwear](brush, color)
