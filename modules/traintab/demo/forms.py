"""Forms that no word tells: the outline of a toy, and where and how softly two colours of hair meet.

Captions call every such toy a toy, but a made-up name carries its form (see `made_up_names`). So an outline
that was never drawn, as the held-out clover's, lies within reach of an embedding, and so does hair that
changes colour more softly than any that was drawn.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .world import Attributes

LONG_HAIR = ("long", "twintails", "ponytail")
TOYS = ("toy", "clover")
LOBES = (2, 3, 4, 5, 6, 7)
DEEPEST = 0.34
SHALLOW_FOUR = 0.15
"""Four lobes get no deeper: the held-out clover has four of .3."""


@dataclass(frozen=True, kw_only=True)
class ToyForm:
    """The outline `radius` * (1 - sum |depth| + sum depth * cos(count * angle)), angles from the top.

    `depths` are those of `LOBES`, lengths are pixels of the 512 px drawing.
    """

    depths: tuple[float, ...]
    radius: float
    center: float
    has_stem: bool


@dataclass(frozen=True, kw_only=True)
class HairForm:
    """Where two colours meet and within which length, in canvases of 512 px."""

    split: float
    softness: float


CLOVER = ToyForm(depths=(0.0, 0.0, -0.3, 0.0, 0.0, 0.0), radius=200, center=62, has_stem=True)


def toy_form(shape: str, seed: int) -> ToyForm:
    """The clover's form, or a random one: one or two counts of lobes, and perhaps four shallow ones."""
    if shape == "clover":
        return CLOVER
    rng = random.Random(f"toy {seed}")
    depths = dict.fromkeys(LOBES, 0.0)
    if rng.random() < 0.6:
        depths[4] = rng.uniform(-SHALLOW_FOUR, SHALLOW_FOUR)
    left = DEEPEST - abs(depths[4])
    for count in rng.sample([count for count in LOBES if count != 4], rng.choice((0, 1, 1, 2))):
        depths[count] = rng.choice((-1, 1)) * rng.uniform(0.1, 1.0) * left
        left -= abs(depths[count])
    return ToyForm(
        depths=tuple(depths.values()),
        radius=rng.uniform(160, 205),
        center=rng.uniform(44, 76),
        has_stem=rng.random() < 0.5,
    )


def hair_form(blend: str, hair_style: str, seed: int) -> HairForm:
    """How two-tone hair changes colour in picture `seed`; `gradient` is the soft end, never trained on."""
    rng, is_long = random.Random(f"hair {seed}"), hair_style in LONG_HAIR
    if blend == "split":
        return HairForm(split=rng.uniform(0.46, 0.54), softness=rng.uniform(0.0, 0.12))
    if blend == "tips" and is_long:
        return HairForm(split=rng.uniform(0.48, 0.62), softness=rng.uniform(0.02, 0.36))
    if blend == "tips":
        return HairForm(split=rng.uniform(0.36, 0.46), softness=rng.uniform(0.02, 0.24))
    return HairForm(split=0.5, softness=0.75) if is_long else HairForm(split=0.36, softness=0.5)


TOY_WIDTH, HAIR_WIDTH = len(LOBES) + 3, 2


def toy_vector(attributes: Attributes, seed: int) -> list[float]:
    """A toy's form as 9 numbers of about unit range; zeros for all else."""
    if attributes.get("shape") not in TOYS:
        return [0.0] * TOY_WIDTH
    form = toy_form(attributes["shape"], seed)
    depths = [6 * depth for depth in form.depths]
    return [*depths, (form.radius - 180) / 40, (form.center - 60) / 30, float(form.has_stem)]


def hair_vector(attributes: Attributes, seed: int) -> list[float]:
    """Two-tone hair's form as 2 numbers of about unit range; zeros for all else."""
    if attributes.get("hair blend", "plain") == "plain":
        return [0.0] * HAIR_WIDTH
    form = hair_form(attributes["hair blend"], attributes["hair style"], seed)
    return [8 * (form.split - 0.5), 5 * form.softness]
