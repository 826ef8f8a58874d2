"""The closed vocabulary of the demo world: what a picture can show, and what the generator never sees.

A picture is described by a plain mapping from attribute to value (`Attributes`), both taken from
`ATTRIBUTES`. Attributes that do not apply to a picture (the hair of a mug) are absent from the mapping.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping

Attributes = Mapping[str, str]
RGB = tuple[int, int, int]

COLORS: dict[str, RGB] = {
    "black": (48, 46, 58),
    "gray": (150, 152, 162),
    "white": (244, 244, 248),
    "brown": (124, 76, 44),
    "red": (214, 44, 48),
    "orange": (244, 128, 28),
    "yellow": (255, 232, 74),
    "green": (64, 172, 76),
    "teal": (56, 200, 196),
    "blue": (58, 104, 226),
    "purple": (142, 74, 200),
    "pink": (250, 142, 192),
}
SKINS: dict[str, RGB] = {
    "pale": (255, 242, 236),
    "fair": (252, 206, 168),
    "tan": (206, 140, 92),
    "dark": (118, 72, 50),
}

PERSONS = ("girl", "boy")
EYE_COLORS = ("gray", "brown", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink")
SCENES = ("sky", "forest", "sunset", "beach")
PATTERNS = ("plain", "striped", "dotted", "checkered")
NAMED_STYLES = ("anime", "line art", "pixel art", "watercolor", "night", "sepia", "pastel", "neon", "sketch")
SHAPES = ("mug", "star", "fish", "house", "mushroom", "ball", "heart", "tree", "toy")

HELD_OUT: dict[str, tuple[str, ...]] = {
    "hair blend": ("gradient",),
    "style": ("blueprint",),
    "shape": ("clover",),
}
"""Values that only the judge and concept folders ever show: the generator never sees them."""

_ALL_COLORS = tuple(COLORS)

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "kind": (*PERSONS, "thing"),
    "hair color": _ALL_COLORS,
    "hair style": ("short", "bob", "long", "twintails", "ponytail", "spiky", "curly", "buns"),
    "hair blend": ("plain", "tips", "split", *HELD_OUT["hair blend"]),
    "second hair color": _ALL_COLORS,
    "eye color": EYE_COLORS,
    "other eye color": EYE_COLORS,
    "skin": tuple(SKINS),
    "headwear": ("none", "bow", "hat", "cat ears", "bunny ears", "horns", "flower", "headphones", "crown"),
    "headwear color": ("black", "white", "red", "yellow", "green", "blue", "purple", "pink"),
    "glasses": ("none", "glasses", "red glasses"),
    "mark": ("none", "freckles", "star mark", "heart mark", "scar", "bandage"),
    "clothes": ("shirt", "hoodie", "sailor uniform", "sweater", "jacket", "kimono"),
    "clothes color": _ALL_COLORS,
    "background": (*PATTERNS, *SCENES),
    "background color": _ALL_COLORS,
    "expression": ("neutral", "smile", "open mouth", "sad", "angry", "surprised"),
    "style": (*NAMED_STYLES, "other", *HELD_OUT["style"]),
    "shape": (*SHAPES, *HELD_OUT["shape"]),
    "thing color": _ALL_COLORS,
    "second thing color": _ALL_COLORS,
    "thing pattern": PATTERNS[:3],
}

PROMPTED = ("hair color", "hair style", "eye color", "clothes color", "background")
"""What `demo evaluate` asks for by prompt."""

COLORED_HEADWEAR = ("bow", "hat", "flower", "headphones")


def is_held_out(attributes: Attributes) -> bool:
    """Whether the generator must never see `attributes`: a held-out value, or a held-out combination.

    One in eight combinations of hair colour, hair style and eye colour is held out, and one in eight of
    shape, colour and pattern; which ones follows from a hash, so it never changes.
    """
    if any(attributes.get(name) in values for name, values in HELD_OUT.items()):
        return True
    names = ("shape", "thing color", "thing pattern")
    if attributes["kind"] != "thing":
        names = ("hair color", "hair style", "eye color")
    combination = "/".join(attributes[name] for name in names)
    return hashlib.sha256(combination.encode()).digest()[0] % 8 == 0


TOY_SHARE = 0.25
"""So many objects more are toys, whose forms are many."""


def _background(rng: random.Random) -> dict[str, str]:
    background = rng.choice(PATTERNS[1:] if rng.random() < 0.35 else ("plain",))
    if rng.random() < 0.2:
        return {"background": rng.choice(SCENES)}
    return {"background": background, "background color": rng.choice(_ALL_COLORS)}


def sample_any_head(rng: random.Random) -> dict[str, str]:
    """All that makes a person recognisable, held-out combinations of hair and eyes included."""
    hair = rng.choice(_ALL_COLORS)
    eye = rng.choice(EYE_COLORS)
    head = {
        "kind": "girl" if rng.random() < 0.65 else "boy",
        "hair color": hair,
        "hair style": rng.choice(ATTRIBUTES["hair style"]),
        "hair blend": rng.choice(("tips", "split")) if rng.random() < 0.2 else "plain",
        "eye color": eye,
        "other eye color": rng.choice(EYE_COLORS) if rng.random() < 0.15 else eye,
        "skin": rng.choices(tuple(SKINS), (3, 5, 2, 2))[0],
        "headwear": rng.choice(ATTRIBUTES["headwear"][1:]) if rng.random() < 0.55 else "none",
        "glasses": rng.choice(("glasses", "red glasses")) if rng.random() < 0.25 else "none",
        "mark": rng.choice(ATTRIBUTES["mark"][1:]) if rng.random() < 0.35 else "none",
    }
    if head["hair blend"] != "plain":
        head["second hair color"] = rng.choice([color for color in _ALL_COLORS if color != hair])
    if head["headwear"] in COLORED_HEADWEAR:
        head["headwear color"] = rng.choice(ATTRIBUTES["headwear color"])
    return head


def sample_head(rng: random.Random) -> dict[str, str]:
    """A random head whose combination the generator may see."""
    while True:
        head = sample_any_head(rng)
        if not is_held_out(head):
            return head


def sample_outfit(rng: random.Random) -> dict[str, str]:
    """Random clothes with their colour."""
    return {"clothes": rng.choice(ATTRIBUTES["clothes"]), "clothes color": rng.choice(_ALL_COLORS)}


def sample_setting(rng: random.Random) -> dict[str, str]:
    """Random expression and background."""
    return {"expression": rng.choice(ATTRIBUTES["expression"]), **_background(rng)}


def sample_any_thing(rng: random.Random, toys: float = TOY_SHARE) -> dict[str, str]:
    """A random object on a background, held-out combinations included."""
    color = rng.choice(_ALL_COLORS)
    return {
        "kind": "thing",
        "shape": "toy" if toys and rng.random() < toys else rng.choice(SHAPES),
        "thing color": color,
        "second thing color": rng.choice([other for other in _ALL_COLORS if other != color]),
        "thing pattern": rng.choice(ATTRIBUTES["thing pattern"]),
        **_background(rng),
    }


def sample_thing(rng: random.Random, toys: float = TOY_SHARE) -> dict[str, str]:
    """A random object on a background whose combination the generator may see."""
    while True:
        thing = sample_any_thing(rng, toys)
        if not is_held_out(thing):
            return thing
