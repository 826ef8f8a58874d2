"""About a hundred named characters, so that proper names are a thing the text encoder knows.

A character fixes the head (and the clothes it usually wears); names and heads follow from the list alone.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import NamedTuple

from .styles import SHARES, sample_style
from .world import TOY_SHARE, sample_head, sample_outfit, sample_setting, sample_thing

NAMES = (
    *("aiko", "akane", "alma", "anika", "asuka", "aurora", "beatriz", "bianca", "botan", "brisa"),
    *("camilla", "celeste", "chiyo", "cordelia", "daphne", "dorothea", "elara", "elodie", "emi", "esme"),
    *("faye", "fern", "flora", "freya", "fumiko", "gemma", "gisela", "greta", "hana", "haruka"),
    *("hazel", "hinata", "ingrid", "iris", "isolde", "ivy", "juno", "kaede", "kanna", "katya"),
    *("kiko", "lena", "lilith", "linnea", "lotte", "luna", "maeve", "mai", "maren", "marisol"),
    *("mika", "mina", "miyu", "nadia", "naomi", "nerissa", "noelle", "nozomi", "odette", "olive"),
    *("petra", "phoebe", "quinn", "rei", "renata", "riko", "rosalind", "ruri", "sakura", "selma"),
    *("abel", "akira", "anton", "bruno", "casper", "cedric", "dario", "denji", "edgar", "felix"),
    *("gideon", "haru", "hector", "hugo", "igor", "ilya", "jiro", "kenji", "leif", "magnus"),
    *("milo", "nico", "orion", "oskar", "pavel", "rafael", "ren", "silas", "tadeo", "viktor"),
)


@lru_cache(maxsize=1)
def characters() -> dict[str, dict[str, str]]:
    """Every named character's head and usual clothes."""
    known: dict[str, dict[str, str]] = {}
    for index, name in enumerate(NAMES):
        rng = random.Random(f"character {name}")
        kind = "girl" if index < 70 else "boy"
        known[name] = {**sample_head(rng), "kind": kind, **sample_outfit(rng)}
    return known


def sample_person(rng: random.Random) -> dict[str, str]:
    """A random person, a quarter of them named (then half of those in other clothes than usual)."""
    if rng.random() < 0.25:
        name = rng.choice(NAMES)
        person = {"name": name, **characters()[name]}
        if rng.random() < 0.5:
            person |= sample_outfit(rng)
        return {**person, **sample_setting(rng)}
    return {**sample_head(rng), **sample_outfit(rng), **sample_setting(rng)}


class Shares(NamedTuple):
    """How much of the pictures shows objects, how much more of these are toys, and `styles.SHARES`."""

    things: float = 0.16
    toys: float = TOY_SHARE
    styles: tuple[float, float, float] = SHARES


USUAL = Shares()


def sample_picture(rng: random.Random, shares: Shares = USUAL) -> dict[str, str]:
    """The attributes of one training picture: a person or an object, in some style."""
    picture = sample_thing(rng, shares.toys) if rng.random() < shares.things else sample_person(rng)
    return {**picture, "style": sample_style(rng, shares.styles)}
