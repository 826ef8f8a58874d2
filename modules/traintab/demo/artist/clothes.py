"""Six kinds of clothes over the shoulders."""

from __future__ import annotations

from ..world import RGB
from .background import accent_of, darker
from .brush import Brush, Point, mirrored, smooth

_WHITE: RGB = (250, 250, 252)
_SHOULDERS: list[Point] = [(84, 540), (98, 440), (150, 396), (216, 376), (256, 372)]
_TORSO = smooth([*_SHOULDERS, *mirrored(_SHOULDERS)[::-1][1:]])


def _shirt(brush: Brush, color: RGB, skin: RGB) -> None:
    brush.polygon([(206, 372), (306, 372), (256, 424)], skin)
    collar: list[Point] = [(206, 366), (256, 424), (214, 440), (182, 384)]
    brush.polygon(collar, _WHITE)
    brush.polygon(mirrored(collar), _WHITE)
    for y in (452, 490):
        brush.ellipse((256, y), (8, 8), accent_of(color), outline=False)


def _hoodie(brush: Brush, color: RGB, _: RGB) -> None:
    brush.polygon(
        smooth([(164, 394), (210, 356), (302, 356), (348, 394), (300, 432), (212, 432)]), darker(color)
    )
    for x in (226, 286):
        brush.line([(x, 424), (x, 486)], _WHITE, width=10)


def _sailor(brush: Brush, _: RGB, skin: RGB) -> None:
    brush.polygon([(206, 372), (306, 372), (256, 446)], skin)
    flap: list[Point] = [(196, 368), (256, 452), (196, 470), (120, 420)]
    brush.polygon(flap, _WHITE)
    brush.polygon(mirrored(flap), _WHITE)
    brush.polygon([(256, 446), (304, 500), (256, 484), (208, 500)], (222, 40, 50))


def _sweater(brush: Brush, color: RGB, _: RGB) -> None:
    brush.polygon(smooth([(200, 350), (312, 350), (318, 402), (194, 402)], steps=3), color)
    brush.polygon([(92, 456), (420, 456), (424, 484), (88, 484)], accent_of(color), outline=False)


def _jacket(brush: Brush, color: RGB, _: RGB) -> None:
    brush.polygon([(204, 372), (308, 372), (296, 540), (216, 540)], _WHITE)
    lapel: list[Point] = [(204, 366), (232, 470), (190, 440), (164, 388)]
    brush.polygon(lapel, darker(color))
    brush.polygon(mirrored(lapel), darker(color))


def _kimono(brush: Brush, color: RGB, skin: RGB) -> None:
    brush.polygon([(206, 370), (306, 370), (262, 430)], skin)
    brush.polygon([(186, 376), (214, 366), (316, 500), (286, 512)], accent_of(color))
    brush.polygon([(326, 376), (298, 366), (208, 474), (234, 490)], accent_of(color))
    brush.polygon([(96, 492), (416, 492), (420, 540), (92, 540)], darker(color, 0.5), outline=False)


def draw_clothes(brush: Brush, clothes: str, color: RGB, skin: RGB) -> None:
    """The torso in `color` with what tells the kind of `clothes`."""
    brush.polygon(_TORSO, color)
    draw = {
        "shirt": _shirt,
        "hoodie": _hoodie,
        "sailor uniform": _sailor,
        "sweater": _sweater,
        "jacket": _jacket,
        "kimono": _kimono,
    }[clothes]
    draw(brush, color, skin)
