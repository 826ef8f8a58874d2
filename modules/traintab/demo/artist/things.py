"""Objects: eight with names, and toys of any form, the held-out clover among them."""

from __future__ import annotations

import math

from ..forms import LOBES, ToyForm
from ..world import RGB
from .background import darker
from .brush import Brush, Paint, Point, smooth


def _outline(form: ToyForm) -> list[Point]:
    points: list[Point] = []
    for i in range(72):
        angle = 2 * math.pi * i / 72
        waves = zip(form.depths, LOBES, strict=True)
        swing = sum(depth * math.cos(count * angle) - abs(depth) for depth, count in waves)
        r = form.radius * (1 + swing)
        points.append((256 + r * math.sin(angle), 262 - r * math.cos(angle)))
    return points


def draw_toy(brush: Brush, form: ToyForm, paint: Paint, accent: RGB) -> None:
    """A flat toy on a stem or without one, and a round middle."""
    if form.has_stem:
        brush.polygon([(236, 280), (280, 280), (300, 486), (246, 486)], accent)
    brush.polygon(_outline(form), paint)
    brush.ellipse((256, 262), (form.center, form.center), accent)


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


def draw_thing(brush: Brush, shape: str, paint: Paint, accent: RGB) -> None:
    """The object called `shape`, no toy, in the middle of the canvas, its body in `paint`."""
    draw = {
        "mug": _mug,
        "star": _star,
        "fish": _fish,
        "house": _house,
        "mushroom": _mushroom,
        "ball": _ball,
        "heart": _heart,
        "tree": _tree,
    }[shape]
    draw(brush, paint, accent)
