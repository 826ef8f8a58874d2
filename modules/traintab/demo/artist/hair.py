"""Eight hair styles: what lies behind the head, and the fringe before it."""

from __future__ import annotations

import math
from functools import lru_cache

from .brush import Brush, Paint, Point, mirrored, smooth

_TOP: list[Point] = [(116, 200), (130, 104), (190, 52), (256, 40), (322, 52), (382, 104), (396, 200)]

_BACK: dict[str, list[Point]] = {
    "short": [*_TOP, (392, 270), (350, 310), (162, 310), (120, 270)],
    "bob": [*_TOP, (412, 300), (396, 366), (330, 372), (182, 372), (116, 366), (100, 300)],
    "long": [*_TOP, (418, 330), (430, 470), (420, 530), (92, 530), (82, 470), (94, 330)],
    "twintails": [*_TOP, (384, 260), (340, 300), (172, 300), (128, 260)],
    "ponytail": [*_TOP, (384, 260), (340, 300), (172, 300), (128, 260)],
    "buns": [*_TOP, (392, 270), (350, 310), (162, 310), (120, 270)],
}

_TWINTAIL: list[Point] = [
    (120, 130),
    (70, 150),
    (34, 240),
    (28, 350),
    (44, 440),
    (70, 370),
    (104, 290),
    (132, 190),
]
_PONYTAIL: list[Point] = [(350, 70), (420, 60), (472, 130), (488, 260), (470, 370), (440, 430), (424, 330),
                          (412, 230), (380, 150)]  # fmt: skip


@lru_cache(maxsize=64)
def _outline_of(style: str) -> tuple[Point, ...]:
    if style == "spiky":
        points: list[Point] = []
        for i in range(23):
            angle = math.pi * (1.16 - 1.32 * i / 22)
            radius = 228 if i % 2 else 150
            points.append((256 + radius * math.cos(angle), 222 - radius * 0.97 * math.sin(angle)))
        return (*points, (350, 310), (162, 310))
    return tuple(smooth(_BACK[style]))


def _curls() -> list[Point]:
    return [
        (256 + 136 * math.cos(a), 206 - 142 * math.sin(a))
        for a in [math.pi * (1.3 - 0.2 * i) for i in range(9)]
    ]


def draw_back_hair(brush: Brush, style: str, paint: Paint) -> None:
    """Everything behind neck and face."""
    if style == "curly":
        for point in _curls():
            brush.ellipse(point, (54, 54), paint)
        brush.ellipse((256, 200), (140, 140), paint, outline=False)
        return
    if style == "twintails":
        brush.polygon(smooth(_TWINTAIL), paint)
        brush.polygon(smooth(mirrored(_TWINTAIL)), paint)
    elif style == "ponytail":
        brush.polygon(smooth(_PONYTAIL), paint)
    elif style == "buns":
        for x in (142, 370):
            brush.ellipse((x, 74), (56, 54), paint)
    brush.polygon(_outline_of(style), paint)


_FRINGE: dict[str, list[Point]] = {
    "bangs": [
        (124, 236),
        (128, 120),
        (190, 54),
        (256, 42),
        (322, 54),
        (384, 120),
        (388, 236),
        (362, 180),
        (338, 198),
        (306, 168),
        (268, 196),
        (240, 166),
        (206, 198),
        (176, 170),
        (150, 196),
    ],
    "parted": [
        (122, 256),
        (126, 120),
        (190, 54),
        (256, 42),
        (322, 54),
        (386, 120),
        (390, 256),
        (366, 190),
        (320, 148),
        (270, 108),
        (226, 150),
        (182, 178),
        (146, 196),
    ],
}


def draw_front_hair(brush: Brush, style: str, paint: Paint) -> None:
    """The fringe over the forehead, and strands that frame the face."""
    if style == "curly":
        for x, y in ((152, 150), (196, 124), (246, 112), (300, 120), (352, 146)):
            brush.ellipse((x, y), (44, 40), paint)
        brush.polygon(
            [(150, 140), (190, 84), (256, 72), (322, 84), (360, 140), (256, 124)], paint, outline=False
        )
        return
    fringe = _FRINGE["parted" if style in ("ponytail", "short") else "bangs"]
    brush.polygon(fringe, paint)
    if style in ("bob", "long", "twintails"):
        low = 330 if style == "bob" else 372 if style == "long" else 300
        strand: list[Point] = [(124, 180), (150, 190), (150, 260), (136, low), (112, low - 20), (110, 240)]
        for side in (strand, mirrored(strand)):
            brush.polygon(smooth(side, steps=4), paint)


def draw_shine(brush: Brush, paint: tuple[int, int, int]) -> None:
    """A light band on the crown, so that hair reads as hair."""
    brush.line(smooth([(176, 118), (210, 92), (256, 84)], closed=False), paint, width=12)
