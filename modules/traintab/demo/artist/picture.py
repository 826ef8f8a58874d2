"""Whole pictures: background, person or object, and what a style does to the finished drawing."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from ..forms import TOYS, hair_form, toy_form
from ..styles import Style, style_of
from ..world import COLORS, RGB, Attributes
from . import face, hair
from .background import draw_background, lighter
from .brush import CANVAS, Brush, Paint
from .clothes import draw_clothes
from .fills import pattern, ramp
from .headwear import draw_headwear
from .things import draw_thing, draw_toy

THING_PATTERN, THING_SHIFT = 144, (142, 4)
"""Repeat and place of a pattern on an object: smaller dots, or dots anywhere, are lost in the latents."""


def _hair_paint(attributes: Attributes, style: Style, seed: int) -> Paint:
    first = COLORS[attributes["hair color"]]
    if attributes["hair blend"] == "plain":
        return first
    second, blend = style.paint(COLORS[attributes["second hair color"]]), attributes["hair blend"]
    form = hair_form(blend, attributes["hair style"], seed)
    return ramp(style.paint(first), second, form.split, form.softness, sideways=blend == "split")


def _draw_person(brush: Brush, attributes: Attributes, seed: int, rng: random.Random) -> None:
    skin, color = face.skin_of(attributes), COLORS[attributes["hair color"]]
    paint = _hair_paint(attributes, brush.style, seed)
    hair.draw_back_hair(brush, attributes["hair style"], paint)
    face.draw_neck(brush, skin)
    draw_clothes(brush, attributes["clothes"], COLORS[attributes["clothes color"]], skin)
    face.draw_face(brush, skin)
    if attributes["kind"] == "girl":
        face.draw_cheeks(brush, skin)
    face.draw_eyes(brush, attributes, rng.uniform(-5, 5))
    face.draw_mouth(brush, attributes["expression"])
    hair.draw_front_hair(brush, attributes["hair style"], paint)
    hair.draw_shine(brush, lighter(color, 0.35))
    face.draw_brows(brush, attributes, color)
    if attributes["glasses"] != "none":
        face.draw_glasses(brush, attributes["glasses"])
    face.draw_mark(brush, attributes["mark"], skin)
    own = attributes.get("headwear color")
    draw_headwear(brush, attributes["headwear"], COLORS[own] if own else color)


def _draw_object(brush: Brush, attributes: Attributes, seed: int) -> None:
    color, accent = COLORS[attributes["thing color"]], COLORS[attributes["second thing color"]]
    paint: Paint = color
    if attributes["thing pattern"] != "plain":
        colors = (color, accent)
        paint = pattern(attributes["thing pattern"], colors, brush.style, THING_SHIFT, THING_PATTERN)
    if attributes["shape"] in TOYS:
        draw_toy(brush, toy_form(attributes["shape"], seed), paint, accent)
    else:
        draw_thing(brush, attributes["shape"], paint, accent)


def draw_large(attributes: Attributes, seed: int) -> Image.Image:
    """The 512 px drawing of `attributes`; `seed` decides pose and everything left open."""
    rng = random.Random(f"pose {seed}")
    style = style_of(attributes["style"], seed)
    color: RGB | None = None
    if "background color" in attributes:
        color = COLORS[attributes["background color"]]
    image = draw_background(attributes["background"], color, style, rng)
    brush = Brush(image, style)
    brush.place((rng.uniform(-14, 14), rng.uniform(-8, 10)), rng.uniform(0.95, 1.04))
    if attributes["kind"] == "thing":
        _draw_object(brush, attributes, seed)
    else:
        _draw_person(brush, attributes, seed, rng)
    return image


def finish(image: Image.Image, style: Style, seed: int) -> Image.Image:
    """Uneven paint and pixel blocks, which depend on the final size of `image`."""
    if style.wash:
        noise = np.random.default_rng(seed).uniform(-1, 1, (7, 7)).astype(np.float32)
        cloud = np.asarray(Image.fromarray(noise).resize(image.size, Image.Resampling.BICUBIC))[..., None]
        array = np.asarray(image, dtype=np.float32)
        paper = np.asarray(style.paper, dtype=np.float32)
        array = array + (paper - array) * np.clip(cloud * style.wash * 0.7 + 0.1, 0, 1)
        array = array * (1 + np.clip(cloud, -1, 0) * style.wash * 0.3)
        image = Image.fromarray(array.clip(0, 255).astype(np.uint8))
    if style.pixel > 1:
        blocks = 128 // style.pixel
        small = image.resize((blocks, blocks), Image.Resampling.BOX)
        image = small.resize(image.size, Image.Resampling.NEAREST)
    return image


def draw_small(attributes: Attributes, seed: int) -> Image.Image:
    """The 128 px picture of `attributes`, as the model is trained on."""
    small = draw_large(attributes, seed).reduce(CANVAS // 128)
    return finish(small, style_of(attributes["style"], seed), seed)
