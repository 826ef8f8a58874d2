"""Rendering styles as points of one continuous space: nine named ones, two dozen artists, and random ones.

Because a share of the pictures is drawn in unnamed random styles, a style never seen lies within reach of an
embedding. The held-out style `blueprint` has a neighbourhood of its own that random styles stay out of.
"""

from __future__ import annotations

import colorsys
import math
import random
from dataclasses import dataclass, replace

from .world import RGB

_INK: RGB = (40, 30, 46)


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a picture is drawn. Lengths are in pixels of the 512 px drawing.

    `fill` mixes flat colours with the paper (0 = paper only), `tint` multiplies, `tint_strength` says how
    much, `own_outline` is the share of the filled colour in its outline, `pixel` the block size at 128 px,
    `wash` the strength of uneven paint.
    """

    outline: float = 7.0
    outline_color: RGB = _INK
    own_outline: float = 0.0
    paper: RGB = (255, 255, 255)
    fill: float = 1.0
    saturation: float = 1.0
    tint: RGB = (255, 255, 255)
    tint_strength: float = 0.0
    pixel: int = 1
    wash: float = 0.0

    def shows_colors(self) -> bool:
        """Whether hues can be told apart, so that captions and the judge may speak of them."""
        darkest = 1 - (1 - min(self.tint) / 255) * self.tint_strength
        return self.fill >= 0.35 and self.saturation >= 0.4 and darkest >= 0.45

    def paint(self, color: RGB) -> RGB:
        """`color` as this style's palette renders it."""
        gray = 0.3 * color[0] + 0.59 * color[1] + 0.11 * color[2]
        channels = []
        for channel, paper, tint in zip(color, self.paper, self.tint, strict=True):
            value = gray + (channel - gray) * self.saturation
            value = paper + (value - paper) * self.fill
            value *= 1 + (tint / 255 - 1) * self.tint_strength
            channels.append(max(0, min(255, round(value))))
        return channels[0], channels[1], channels[2]

    def ink(self, color: RGB | None = None) -> RGB:
        """The outline colour around an area of `color`."""
        if color is None or not self.own_outline:
            return self.outline_color
        mixed = [
            round(ink + (0.55 * own - ink) * self.own_outline)
            for ink, own in zip(self.outline_color, self.paint(color), strict=True)
        ]
        return mixed[0], mixed[1], mixed[2]


STYLES: dict[str, Style] = {
    "anime": Style(),
    "line art": Style(outline=9, outline_color=(20, 20, 24), fill=0.06),
    "pixel art": Style(outline=9, pixel=4),
    "watercolor": Style(outline=3.5, own_outline=0.9, paper=(252, 248, 238), fill=0.7, wash=0.45),
    "night": Style(outline_color=(12, 12, 36), tint=(124, 134, 214), tint_strength=1.0),
    "sepia": Style(outline_color=(70, 44, 24), saturation=0.0, tint=(246, 210, 158), tint_strength=1.0),
    "pastel": Style(
        outline=5, own_outline=0.8, outline_color=(150, 120, 140), fill=0.5, paper=(255, 250, 252)
    ),
    "neon": Style(outline=9, outline_color=(96, 255, 236), tint=(120, 60, 170), tint_strength=0.85),
    "sketch": Style(outline=6, outline_color=(96, 96, 102), saturation=0.0, fill=0.38, paper=(246, 244, 238)),
    "blueprint": Style(
        outline=8, outline_color=(232, 242, 255), paper=(34, 78, 168), fill=0.1, saturation=0.3
    ),
}

ARTISTS = (
    *("hokuro", "vermeil", "tanuki", "orsini", "bluemoth", "kazehaya", "lindqvist", "marzipan"),
    *("quillon", "sumire", "toveli", "umbra", "wexford", "yasmeen", "zephyrine", "carmody"),
    *("delphi", "eisenberg", "fujimori", "galante", "holbrook", "ivanova", "jasper", "kestrel"),
)


def _hue(rng: random.Random, saturation: float, value: float) -> RGB:
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def _is_near_blueprint(style: Style) -> bool:
    """Light lines on paper of about the same blue that hardly takes paint."""
    distance = math.dist(style.paper, STYLES["blueprint"].paper)
    return style.fill < 0.4 and distance < 60 and sum(style.outline_color) > 400


def random_style(rng: random.Random) -> Style:
    """A random point of the space, outside the neighbourhood of the held-out style."""
    while True:
        style = Style(
            outline=rng.uniform(2, 11),
            outline_color=_hue(
                rng, rng.uniform(0, 0.9), rng.choice((rng.uniform(0.1, 0.4), rng.uniform(0.7, 1)))
            ),
            own_outline=rng.choice((0.0, 0.0, rng.uniform(0.4, 1))),
        )
        if rng.random() < 0.6:
            light = rng.choice((rng.uniform(0.9, 1), rng.uniform(0.3, 0.9)))
            paper = _hue(rng, rng.uniform(0, 0.8), light)
            style = replace(style, paper=paper, fill=rng.uniform(0.08, 0.95))
        if rng.random() < 0.3:
            style = replace(style, saturation=rng.uniform(0, 1.3))
        if rng.random() < 0.4:
            style = replace(
                style, tint=_hue(rng, rng.uniform(0.2, 0.8), 0.95), tint_strength=rng.uniform(0.4, 1)
            )
        if rng.random() < 0.12:
            style = replace(style, pixel=rng.choice((2, 4)))
        if rng.random() < 0.25:
            style = replace(style, wash=rng.uniform(0.2, 0.7))
        if not _is_near_blueprint(style):
            return style


LINE_DRAWINGS = 0.4
"""How many of the unnamed styles are strong lines on coloured paper that hardly takes paint."""


def random_line_drawing(rng: random.Random) -> Style:
    """Strong lines on coloured paper, outside the neighbourhood of the held-out style.

    Among the other random styles these are one in thirty, too few to learn light lines on a dark ground.
    """
    while True:
        is_dark = rng.random() < 0.6
        paper = _hue(rng, rng.uniform(0.2, 0.9), rng.uniform(0.15, 0.7) if is_dark else rng.uniform(0.7, 1))
        ink = _hue(rng, rng.uniform(0, 0.6), rng.uniform(0.8, 1) if is_dark else rng.uniform(0.05, 0.4))
        style = Style(
            outline=rng.uniform(6, 11),
            outline_color=ink,
            paper=paper,
            fill=rng.uniform(0.03, 0.3),
            saturation=rng.uniform(0, 1),
        )
        if not _is_near_blueprint(style):
            return style


def style_of(name: str, seed: int) -> Style:
    """The style called `name`: a named one, an artist's, or for `other` the random one of `seed`."""
    if name in STYLES:
        return STYLES[name]
    if name in ARTISTS:
        return random_style(random.Random(f"artist {name}"))
    if random.Random(f"drawing {seed}").random() < LINE_DRAWINGS:
        return random_line_drawing(random.Random(f"line drawing {seed}"))
    return random_style(random.Random(f"style {seed}"))


SHARES = (0.42, 0.16, 0.10)
"""How much of the training pictures is plain, unnamed, and by artists; the rest is in named styles."""


def sample_style(rng: random.Random, shares: tuple[float, float, float] = SHARES) -> str:
    """A style's name for a training picture: `anime` is plain, `other` unnamed."""
    draw = rng.random()
    plain, unnamed, artists = shares
    if draw < plain:
        return "anime"
    if draw < plain + unnamed:
        return "other"
    if draw < plain + unnamed + artists:
        return rng.choice(ARTISTS)
    return rng.choice([name for name in STYLES if name not in ("anime", "blueprint")])


def style_vector(style: Style) -> list[float]:
    """The style as 15 numbers of about unit range, in which similar pictures are close."""
    blank = 1 - style.fill
    return [
        style.outline / 10,
        *(channel / 255 for channel in style.outline_color),
        style.own_outline,
        *(blank * channel / 255 for channel in style.paper),
        style.fill,
        style.saturation,
        *((1 - channel / 255) * style.tint_strength for channel in style.tint),
        (style.pixel - 1) / 3,
        style.wash,
    ]
