"""A1111's `AND`: several prompts whose predictions are added, each with its weight."""

from __future__ import annotations

import re
from typing import NamedTuple

from .weights import limited_weight

__all__ = ["PartialPrompt", "split_and"]

_AND = re.compile(r"\bAND\b")
_WEIGHT = re.compile(r"[-+]?(?:\d+\.?|\d*\.\d+)", re.ASCII)


class PartialPrompt(NamedTuple):
    """One of the prompts that are added up, and how much it counts."""

    text: str
    weight: float


def split_and(prompt: str) -> list[PartialPrompt]:
    """`a cat :1.2 AND a dog` to its parts, at least one; a part without `:weight` at its end weighs 1.

    Weights stay from -100 to 100, however large the number.
    """
    return [_partial(text) for text in _AND.split(prompt)]


def _partial(written: str) -> PartialPrompt:
    text, colon, number = written.rpartition(":")
    if colon and _WEIGHT.fullmatch(number.strip()):
        return PartialPrompt(text.rstrip(), limited_weight(float(number)))
    return PartialPrompt(written.rstrip(), 1.0)
