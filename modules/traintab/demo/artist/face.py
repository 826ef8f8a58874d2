"""Head, eyes, mouth, marks and glasses."""

from __future__ import annotations

from ..world import COLORS, RGB, SKINS, Attributes
from .background import darker, lighter
from .brush import Brush, mirrored, smooth

EYE_X, EYE_Y = 60.0, 246.0
_LEFT, _RIGHT = 256 - EYE_X, 256 + EYE_X

EYES: dict[str, RGB] = {
    "gray": (120, 126, 134),
    "brown": (130, 74, 36),
    "red": (220, 36, 44),
    "orange": (244, 126, 24),
    "yellow": (250, 226, 50),
    "green": (52, 170, 70),
    "teal": (40, 206, 200),
    "blue": (40, 96, 236),
    "purple": (144, 66, 214),
    "pink": (252, 122, 186),
}

_FACE = smooth(
    [(256, 84), (160, 112), (140, 220), (152, 290), (204, 344), (256, 360)]
    + mirrored([(204, 344), (152, 290), (140, 220), (160, 112)])
)


def draw_neck(brush: Brush, skin: RGB) -> None:
    """The neck, to be drawn before the clothes."""
    brush.polygon([(218, 330), (294, 330), (300, 412), (212, 412)], darker(skin, 0.14))


def draw_face(brush: Brush, skin: RGB) -> None:
    """Ears and the bare head."""
    for x in (142, 370):
        brush.ellipse((x, 252), (18, 26), skin)
    brush.polygon(_FACE, skin)


def _eye(brush: Brush, x: float, color: RGB, gaze: float, attributes: Attributes) -> None:
    tall = 50 if attributes["expression"] == "surprised" else 44
    girl = attributes["kind"] == "girl"
    brush.ellipse((x, EYE_Y), (42, tall), (255, 255, 255))
    brush.ellipse((x + gaze, EYE_Y + 3), (33, tall - 5), color, outline=False)
    brush.ellipse((x + gaze, EYE_Y + 5), (12, 17), (24, 18, 30), outline=False)
    brush.ellipse((x + gaze - 12, EYE_Y - 17), (11, 12), (255, 255, 255), outline=False)
    lid = smooth([(x - 44, EYE_Y - 8), (x - 30, EYE_Y - tall + 6), (x, EYE_Y - tall - 4),
                  (x + 30, EYE_Y - tall + 6), (x + 44, EYE_Y - 8)], closed=False)  # fmt: skip
    brush.line(lid, width=max(6.0, brush.style.outline * 1.3) + (4 if girl else 0))
    if girl:
        outer = 1 if x > 256 else -1
        lash = [(x + outer * 40, EYE_Y - 12), (x + outer * 66, EYE_Y - 32)]
        brush.line(lash, width=max(9.0, brush.style.outline * 1.5))


def draw_eyes(brush: Brush, attributes: Attributes, gaze: float) -> None:
    """Both eyes (`eye color` is the one at the left of the picture) and the brows."""
    _eye(brush, _LEFT, EYES[attributes["eye color"]], gaze, attributes)
    _eye(brush, _RIGHT, EYES[attributes["other eye color"]], gaze, attributes)


def draw_brows(brush: Brush, attributes: Attributes, color: RGB) -> None:
    """Eyebrows in the hair's colour, tilted by the expression; a boy's are thick."""
    expression, width = attributes["expression"], 22 if attributes["kind"] == "boy" else 9
    tilt = {"angry": 18, "sad": -16}.get(expression, 0)
    height = 176 if expression == "surprised" else 186
    for side in (-1, 1):
        inner, outer = (256 + side * 30, height + tilt), (256 + side * 94, height + 4 - tilt * 0.6)
        brush.line([inner, outer], darker(color, 0.5), width=width)


def draw_mouth(brush: Brush, expression: str) -> None:
    """The mouth, and cheeks that blush on a smile."""
    if expression == "smile":
        brush.line(smooth([(218, 306), (256, 328), (294, 306)], closed=False), width=8)
    elif expression == "open mouth":
        brush.polygon(smooth([(222, 304), (256, 300), (290, 304), (276, 336), (236, 336)]), (206, 60, 70))
    elif expression == "sad":
        brush.line(smooth([(224, 328), (256, 310), (288, 328)], closed=False), width=8)
    elif expression == "angry":
        brush.line([(226, 322), (244, 312), (262, 322), (288, 310)], width=8)
    elif expression == "surprised":
        brush.ellipse((256, 320), (16, 19), (190, 60, 70))
    else:
        brush.line([(236, 316), (276, 316)], width=8)


def draw_cheeks(brush: Brush, skin: RGB) -> None:
    """Two blushing cheeks."""
    blush = (min(255, skin[0] + 4), round(skin[1] * 0.68), round(skin[2] * 0.74))
    for x in (172, 340):
        brush.ellipse((x, 308), (26, 17), blush, outline=False)


def _star(center: tuple[float, float], radius: float) -> list[tuple[float, float]]:
    import math

    return [
        (
            center[0] + radius * (1 if i % 2 == 0 else 0.45) * math.sin(i * math.pi / 5),
            center[1] - radius * (1 if i % 2 == 0 else 0.45) * math.cos(i * math.pi / 5),
        )
        for i in range(10)
    ]


def draw_mark(brush: Brush, mark: str, skin: RGB) -> None:
    """A mark on the cheek at the right of the picture (freckles on both, the bandage on the nose)."""
    if mark == "freckles":
        for x in (156, 180, 204, 308, 332, 356):
            brush.ellipse((x, 304 + (x % 3) * 6), (9, 9), darker(skin, 0.45), outline=False)
    elif mark == "star mark":
        brush.polygon(_star((336, 316), 47), COLORS["blue"])
    elif mark == "heart mark":
        heart = smooth([(334, 298), (354, 282), (370, 302), (334, 344), (298, 302), (314, 282)], steps=4)
        brush.polygon(heart, COLORS["red"])
    elif mark == "scar":
        brush.line([(296, 278), (364, 352)], (140, 16, 30), width=22)
        for x, y in ((316, 302), (344, 332)):
            brush.line([(x - 22, y + 17), (x + 24, y - 19)], (140, 16, 30), width=16)
    elif mark == "bandage":
        brush.polygon([(212, 270), (300, 270), (300, 300), (212, 300)], (250, 226, 170))
        brush.polygon([(240, 270), (272, 270), (272, 300), (240, 300)], (214, 150, 84), outline=False)


def draw_glasses(brush: Brush, glasses: str) -> None:
    """Round dark or red frames around the eyes."""
    color = (30, 28, 36) if glasses == "glasses" else (226, 30, 40)
    for x in (_LEFT, _RIGHT):
        brush.ring((x, EYE_Y + 2), (57, 57), color, 11)
    brush.line([(_LEFT + 52, EYE_Y - 6), (_RIGHT - 52, EYE_Y - 6)], color, width=11)


def skin_of(attributes: Attributes) -> RGB:
    """The skin colour."""
    return SKINS[attributes["skin"]]


__all__ = ["draw_brows", "draw_cheeks", "draw_eyes", "draw_face", "draw_glasses", "draw_mark", "draw_mouth",
           "draw_neck", "lighter", "skin_of"]  # fmt: skip
