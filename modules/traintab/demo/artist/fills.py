"""Canvas-sized paints: colour ramps for two-tone hair, and patterns."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageDraw

from ..styles import Style
from ..world import RGB
from .brush import CANVAS


def ramp(first: RGB, second: RGB, split: float, softness: float, sideways: bool) -> Image.Image:
    """From `first` to `second`, changing around `split` (0 to 1 of the canvas) within `softness` of it."""
    place = (np.arange(CANVAS) + 0.5) / CANVAS
    share = np.clip((place - split) / max(softness, 1e-3) + 0.5, 0, 1)[:, None]
    colors = np.asarray(first) * (1 - share) + np.asarray(second) * share
    row = Image.fromarray(colors.round().astype(np.uint8)[None])
    image = row.resize((CANVAS, CANVAS), Image.Resampling.NEAREST)
    return image if sideways else image.transpose(Image.Transpose.TRANSPOSE)


def hair_ramp(blend: str, colors: tuple[RGB, RGB], long: bool, rng: random.Random) -> Image.Image:
    """Two-tone hair as a point of (direction, split, softness); `gradient` is the soft end, never trained
    on.
    """
    if blend == "split":
        return ramp(*colors, 0.5 + rng.uniform(-0.04, 0.04), rng.uniform(0.0, 0.12), sideways=True)
    if blend == "tips":
        split = rng.uniform(0.5, 0.62) if long else rng.uniform(0.38, 0.46)
        return ramp(*colors, split, rng.uniform(0.02, 0.22), sideways=False)
    middle = 0.5 if long else 0.36
    return ramp(*colors, middle, 0.75 if long else 0.5, sideways=False)


def pattern(kind: str, colors: tuple[RGB, RGB], style: Style, rng: random.Random) -> Image.Image:
    """A canvas of `kind` (striped, dotted, checkered) in two colours of the style's palette."""
    base, accent = style.paint(colors[0]), style.paint(colors[1])
    image = Image.new("RGB", (CANVAS, CANVAS), base)
    draw = ImageDraw.Draw(image)
    size, dot = 96, 56
    shift_x, shift_y = rng.randrange(0, size, 16), rng.randrange(0, size, 16)
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
