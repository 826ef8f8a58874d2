"""Concepts the model has no word for: what `demo evaluate` trains, and the three shipped examples.

A concept fixes some attributes; its pictures vary the others. The fixed combinations and features are held
out from the training of the generator (a test holds this).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .world import Attributes, sample_any_head, sample_outfit, sample_setting, sample_thing


@dataclass(frozen=True, kw_only=True)
class DrawnConcept:
    """A concept by its attributes: `noun` is the word training starts from, `kind` character, style or
    object.
    """

    name: str
    kind: str
    noun: str
    attributes: Attributes

    def sample(self, rng: random.Random) -> dict[str, str]:
        """The attributes of one picture of the concept."""
        if self.kind == "object":
            return {**self._setting(rng), "style": "anime", **self.attributes}
        person = {**sample_any_head(rng), **sample_outfit(rng), **sample_setting(rng), "style": "anime"}
        if self.kind == "style":
            return {**person, **self.attributes}
        for key in ("second hair color", "headwear color"):
            person.pop(key, None)
        return {**person, **self.attributes}

    def _setting(self, rng: random.Random) -> dict[str, str]:
        """A background the object stands out from."""
        while True:
            thing = sample_thing(rng)
            setting = {key: value for key, value in thing.items() if key.startswith("background")}
            if setting.get("background color", "green") != self.attributes["thing color"]:
                return setting


def _character(name: str, noun: str, **attributes: str) -> DrawnConcept:
    plain = {
        "kind": noun,
        "hair_blend": "plain",
        "skin": "fair",
        "headwear": "none",
        "glasses": "none",
        "mark": "none",
    }
    full = {key.replace("_", " "): value for key, value in {**plain, **attributes}.items()}
    full.setdefault("other eye color", full["eye color"])
    return DrawnConcept(name=name, kind="character", noun=noun, attributes=full)


def _object(name: str, noun: str, **attributes: str) -> DrawnConcept:
    full = {key.replace("_", " "): value for key, value in {"kind": "thing", **attributes}.items()}
    return DrawnConcept(name=name, kind="object", noun=noun, attributes=full)


EXAMPLES: dict[str, DrawnConcept] = {
    "character": _character(
        "mirabel",
        "girl",
        hair_color="teal",
        hair_style="twintails",
        eye_color="pink",
        headwear="flower",
        headwear_color="yellow",
        mark="star mark",
    ),
    "style": DrawnConcept(name="cyanotype", kind="style", noun="style", attributes={"style": "blueprint"}),
    "object": _object(
        "lucky",
        "toy",
        shape="clover",
        thing_color="green",
        second_thing_color="yellow",
        thing_pattern="plain",
    ),
}

CONCEPTS: tuple[DrawnConcept, ...] = (
    *EXAMPLES.values(),
    _character(
        "oddette",
        "girl",
        hair_color="white",
        hair_style="bob",
        eye_color="teal",
        other_eye_color="yellow",
        headwear="cat ears",
        skin="pale",
    ),
    _character(
        "bastian",
        "boy",
        hair_color="red",
        hair_style="spiky",
        eye_color="green",
        glasses="glasses",
        mark="scar",
        skin="tan",
    ),
    _character(
        "ombra",
        "girl",
        hair_color="purple",
        hair_style="long",
        hair_blend="gradient",
        second_hair_color="orange",
        eye_color="teal",
    ),
    _character(
        "dawnia",
        "girl",
        hair_color="blue",
        hair_style="ponytail",
        hair_blend="gradient",
        second_hair_color="pink",
        eye_color="brown",
        headwear="bow",
        headwear_color="white",
    ),
    _object(
        "bubbles",
        "fish",
        shape="fish",
        thing_color="purple",
        second_thing_color="yellow",
        thing_pattern="dotted",
    ),
)
