"""The demo model's judge, as the checkpoint grid's scores want it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..demo.judge import Judge, shipped_judge
from ..demo.world import ATTRIBUTES, EYE_COLORS, SCENES

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DemoJudge"]

_COLOR = f"(?:{'|'.join(ATTRIBUTES['clothes color'])})"
_CLOTHES = "|".join(ATTRIBUTES["clothes"])
_STYLES = "|".join(style for style in ATTRIBUTES["style"] if style != "other")
# What a prompt names, in the words of the demo's captions; a group's name is the attribute's.
_ASKED = (
    re.compile(rf"\b(?:(?P<clothes_color>{_COLOR}) )?(?P<clothes>{_CLOTHES})\b"),
    re.compile(rf"\b(?P<background_color>{_COLOR}) background\b"),
    re.compile(rf"\b(?P<background>{'|'.join(SCENES)})\b"),
    re.compile(rf"\b(?P<background>striped|dotted|checkered) (?:{_COLOR} )?background\b"),
    re.compile(rf"\b(?P<eye_color>{'|'.join(EYE_COLORS)}) eyes\b"),
    re.compile(rf"\b(?P<hair_color>{_COLOR}) (?:\w+ )?hair\b"),
    re.compile(rf"\b(?P<style>{_STYLES})\b"),
)


class DemoJudge:
    """Reads features such as clothes and backgrounds; trained on drawings, never on the model's pictures."""

    name = "the demo's judge: the share of features it recognises"
    changeable: Sequence[str] = ("clothes", "clothes color", "background", "background color", "expression")

    def __init__(self, judge: Judge | None = None) -> None:
        self._judge = judge or shipped_judge()

    def read(self, images: Sequence[Image]) -> list[Mapping[str, str]]:
        """For each picture the likeliest value of every attribute."""
        return list(self._judge.values(images))

    def likeness(self, images: Sequence[Image], training: Sequence[Image]) -> float:
        """How well `images` show what the training pictures share, 0 to 1.

        The mean of the share of features that are right and of the cosine to the training pictures' features.
        """
        return self._judge.score(images, self._judge.concept_of(training))

    def asked(self, prompt: str) -> Mapping[str, Sequence[str]]:
        """The values that a prompt names, such as a red hoodie or a blue background."""
        found: dict[str, list[str]] = {}
        for pattern in _ASKED:
            for match in pattern.finditer(prompt.lower()):
                for key, value in match.groupdict().items():
                    if value:
                        found.setdefault(key.replace("_", " "), []).append(value)
        return found
