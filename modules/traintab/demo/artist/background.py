"""Backgrounds: plain and patterned colours, and four scenes."""

from __future__ import annotations

import random

from PIL import Image

from ..styles import Style
from ..world import COLORS, RGB
from .brush import CANVAS, Brush
from .fills import REPEAT, pattern

_SKY: RGB = (132, 200, 250)


def lighter(color: RGB, share: float = 0.45) -> RGB:
    """`color` mixed with white (dark colours too stay apart from their lighter self)."""
    return tuple(round(c + (255 - c) * share) for c in color)  # type: ignore[return-value]


def darker(color: RGB, share: float = 0.25) -> RGB:
    """`color` mixed with black."""
    return tuple(round(c * (1 - share)) for c in color)  # type: ignore[return-value]


def accent_of(color: RGB) -> RGB:
    """The second colour of a pattern in `color`: lighter, or darker for the light ones."""
    return darker(color, 0.3) if sum(color) > 560 else lighter(color)


def _sky(brush: Brush, rng: random.Random) -> None:
    for x, y in ((90, 100), (430, 70), (470, 300), (30, 310)):
        x, y = x + rng.randrange(-30, 30), y + rng.randrange(-20, 20)
        for dx, r in ((-36, 26), (0, 38), (38, 28)):
            brush.ellipse((x + dx, y), (r + 8, r), (255, 255, 255), outline=False)


def _forest(brush: Brush, rng: random.Random) -> None:
    brush.polygon([(0, 400), (512, 400), (512, 512), (0, 512)], (70, 130, 60), outline=False)
    for x in range(20, 512, 90):
        x, top = x + rng.randrange(-16, 16), rng.randrange(20, 90)
        brush.polygon(
            [(x - 12, 300), (x + 12, 300), (x + 12, 440), (x - 12, 440)], (104, 70, 44), outline=False
        )
        brush.polygon([(x, top), (x + 66, 340), (x - 66, 340)], (34, 104, 62), outline=False)


def _sunset(brush: Brush, rng: random.Random) -> None:
    for row, color in enumerate(
        ((108, 60, 140), (190, 74, 130), (240, 116, 96), (252, 170, 84), (254, 214, 110))
    ):
        brush.polygon([(0, row * 80), (512, row * 80), (512, 512), (0, 512)], color, outline=False)
    side = rng.choice((80, 432))
    brush.ellipse((side, 230), (56, 56), (255, 244, 190), outline=False)


def _beach(brush: Brush, rng: random.Random) -> None:
    sea = rng.randrange(230, 270)
    brush.polygon([(0, sea), (512, sea), (512, 400), (0, 400)], (36, 140, 200), outline=False)
    brush.polygon([(0, 370), (512, 370), (512, 512), (0, 512)], (244, 222, 160), outline=False)
    brush.ellipse((rng.choice((60, 450)), 70), (44, 44), (255, 236, 110), outline=False)


def draw_background(background: str, color: RGB | None, style: Style, rng: random.Random) -> Image.Image:
    """A new 512 px canvas with the background; `color` is None for scenes."""
    size = (CANVAS, CANVAS)
    if color is None:
        sky = {"sky": _SKY, "forest": (176, 220, 190), "sunset": COLORS["orange"], "beach": (156, 216, 250)}
        image = Image.new("RGB", size, style.paint(sky[background]))
        {"sky": _sky, "forest": _forest, "sunset": _sunset, "beach": _beach}[background](
            Brush(image, style), rng
        )
        return image
    if background == "plain":
        return Image.new("RGB", size, style.paint(color))
    shift = (rng.randrange(0, REPEAT, 16), rng.randrange(0, REPEAT, 16))
    return pattern(background, (color, accent_of(color)), style, shift)
