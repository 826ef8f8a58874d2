"""What speaks against mirrored pictures: prompts that name a side."""

from __future__ import annotations

import re

from ..datasets.report import DatasetReport
from .prompt_lines import PromptRules

__all__ = ["flip_advice"]

_SIDES = re.compile(r"\b(left|right)\b", re.IGNORECASE)
_NAMED_AT_MOST = 3


def flip_advice(dataset: DatasetReport, rules: PromptRules, *, flip: bool) -> str:
    """A sentence when pictures are mirrored whose prompts say left or right; else empty."""
    if not flip:
        return ""
    named = [
        image.path.name
        for image in dataset.images
        if any(_SIDES.search(rules.prompt(line, image.caption)) for line in rules.usable_lines(image.caption))
    ]
    if not named:
        return ""
    shown = ", ".join(named[:_NAMED_AT_MOST])
    more = f" and {len(named) - _NAMED_AT_MOST} more" if len(named) > _NAMED_AT_MOST else ""
    return (
        f"Pictures are flipped at random, but the prompts of {shown}{more} say left or right: mirrored, they"
        " show the other side. Take the word out of the captions, or switch Flip pictures at random off."
    )
