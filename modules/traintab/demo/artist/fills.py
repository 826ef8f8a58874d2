"""Canvas-sized paints: colour ramps for two-tone hair, and patterns."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from ..styles import Style
from ..world import RGB
from .brush import CANVAS

REPEAT = 96
"""Pixels after which a pattern of the background begins again."""


def ramp(first: RGB, second: RGB, split: float, softness: float, sideways: bool) -> Image.Image:
    """From `first` to `second`, changing around `split` (0 to 1 of the canvas) within `softness` of it."""
    place = (np.arange(CANVAS) + 0.5) / CANVAS
    share = np.clip((place - split) / max(softness, 1e-3) + 0.5, 0, 1)[:, None]
    colors = np.asarray(first) * (1 - share) + np.asarray(second) * share
    row = Image.fromarray(colors.round().astype(np.uint8)[None])
    image = row.resize((CANVAS, CANVAS), Image.Resampling.NEAREST)
    return image if sideways else image.transpose(Image.Transpose.TRANSPOSE)


def pattern(
    kind: str, colors: tuple[RGB, RGB], style: Style, shift: tuple[int, int], size: int = REPEAT
) -> Image.Image:
    """A canvas of `kind` (striped, dotted, checkered) in two colours of the style's palette, repeated after
    `size` pixels and moved by `shift`.
    """
    base, accent = style.paint(colors[0]), style.paint(colors[1])
    image = Image.new("RGB", (CANVAS, CANVAS), base)
    draw = ImageDraw.Draw(image)
    dot = size * 7 // 12
    shift_x, shift_y = shift
    places = range(-size, CANVAS + size, size)
    if kind == "striped":
        for x in places:
            draw.rectangle((x + shift_x, 0, x + shift_x + size // 2 - 1, CANVAS), fill=accent)
    elif kind == "dotted":
        for row, y in enumerate(places):
            for x in places:
                left = x + shift_x + (size // 2) * (row % 2)
                draw.ellipse((left, y + shift_y, left + dot, y + shift_y + dot), fill=accent)
    elif kind == "checkered":
        for row, y in enumerate(places):
            for x in range(-2 * size + size * (row % 2), CANVAS + size, 2 * size):
                draw.rectangle(
                    (x + shift_x, y + shift_y, x + shift_x + size - 1, y + shift_y + size - 1), accent
                )
    return image
