"""Objects: eight with names, random round toys, and the held-out clover."""

from __future__ import annotations

import math
import random

from ..world import RGB
from .background import darker
from .brush import Brush, Paint, Point, smooth


def _lobes(count: float, depth: float, radius: float = 165, turn: float = 0.0) -> list[Point]:
    points: list[Point] = []
    for i in range(72):
        angle = 2 * math.pi * i / 72
        r = radius * (1 - depth + depth * math.cos(count * angle + turn))
        points.append((256 + r * math.sin(angle), 262 - r * math.cos(angle)))
    return points


def _mug(brush: Brush, paint: Paint, accent: RGB) -> None:
    brush.ellipse((386, 270), (76, 80), accent)
    brush.ellipse((380, 270), (38, 44), (255, 255, 255))
    brush.polygon([(120, 140), (376, 140), (360, 420), (136, 420)], paint)
    brush.ellipse((248, 140), (128, 34), accent)


def _star(brush: Brush, paint: Paint, accent: RGB) -> None:
    points = []
    for i in range(10):
        radius = 210 if i % 2 == 0 else 96
        points.append((256 + radius * math.sin(i * math.pi / 5), 270 - radius * math.cos(i * math.pi / 5)))
    brush.polygon(points, paint)
    brush.ellipse((256, 270), (60, 60), accent)


def _fish(brush: Brush, paint: Paint, accent: RGB) -> None:
    brush.polygon([(330, 262), (476, 160), (450, 262), (476, 364)], accent)
    brush.polygon(smooth([(220, 160), (262, 90), (310, 168)]), accent)
    brush.ellipse((220, 262), (170, 116), paint)
    brush.ellipse((130, 236), (26, 26), (255, 255, 255))
    brush.ellipse((126, 238), (12, 12), (20, 20, 26), outline=False)


def _house(brush: Brush, paint: Paint, accent: RGB) -> None:
    brush.polygon([(112, 236), (400, 236), (400, 448), (112, 448)], paint)
    brush.polygon([(256, 64), (450, 246), (62, 246)], accent)
    brush.polygon([(226, 340), (300, 340), (300, 448), (226, 448)], darker(accent, 0.3))


def _mushroom(brush: Brush, paint: Paint, accent: RGB) -> None:
    brush.polygon(smooth([(196, 270), (316, 270), (330, 440), (182, 440)], steps=4), accent)
    brush.polygon(smooth([(64, 286), (90, 150), (256, 70), (422, 150), (448, 286), (256, 310)]), paint)


def _ball(brush: Brush, paint: Paint, accent: RGB) -> None:
    brush.ellipse((256, 262), (176, 176), paint)
    brush.polygon(
        smooth([(84, 240), (256, 280), (428, 240), (430, 284), (256, 326), (82, 284)], steps=4), accent
    )


def _heart(brush: Brush, paint: Paint, accent: RGB) -> None:
    half: list[Point] = [(256, 150), (320, 90), (410, 100), (440, 190), (380, 310)]
    left = [(512 - x, y) for x, y in half[1:]][::-1]
    brush.polygon(smooth([*half, (256, 448), *left]), paint)
    brush.ellipse((178, 190), (52, 46), accent)


def _tree(brush: Brush, paint: Paint, accent: RGB) -> None:
    brush.polygon([(222, 340), (290, 340), (300, 470), (212, 470)], accent)
    for x, y in ((166, 260), (346, 260), (256, 160)):
        brush.ellipse((x, y), (112, 104), paint)
    brush.ellipse((256, 236), (110, 100), paint, outline=False)


def _clover(brush: Brush, paint: Paint, accent: RGB) -> None:
    brush.polygon([(236, 280), (280, 280), (300, 486), (246, 486)], accent)
    brush.polygon(_lobes(4, 0.3, 200, math.pi), paint)
    brush.ellipse((256, 262), (62, 62), accent)


def _toy(brush: Brush, paint: Paint, accent: RGB, rng: random.Random) -> None:
    """A round shape with 2 to 7 lobes; never near the clover's four deep ones."""
    count = rng.choice((2, 3, 5, 6, 7))
    if rng.random() < 0.5:
        brush.polygon([(234, 280), (278, 280), (288, 486), (224, 486)], accent)
    brush.polygon(
        _lobes(count, rng.uniform(0.04, 0.34), rng.uniform(160, 205), rng.choice((0, math.pi))), paint
    )
    brush.ellipse((256, 262), (rng.uniform(44, 76),) * 2, accent)


def draw_thing(brush: Brush, shape: str, paint: Paint, accent: RGB, rng: random.Random) -> None:
    """The object called `shape` in the middle of the canvas, its body in `paint`."""
    if shape == "toy":
        _toy(brush, paint, accent, rng)
        return
    draw = {
        "mug": _mug,
        "star": _star,
        "fish": _fish,
        "house": _house,
        "mushroom": _mushroom,
        "ball": _ball,
        "heart": _heart,
        "tree": _tree,
        "clover": _clover,
    }[shape]
    draw(brush, paint, accent)
