"""The tags that a tagger knows, and which of them become a caption.

The rules are those of the web UI's deepbooru: a threshold, the surest first, spaces for underscores,
brackets escaped.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...configs import TaggingConfig
from ...errors import ModelError

__all__ = ["Tag", "chosen_tags", "read_tags", "written"]

_RATING = 9
_RATING_PREFIX = "rating:"
# What prompts read as emphasis, and the character that keeps them from it.
_EMPHASIS = re.compile(r"([\\()\[\]])")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")

Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]


@dataclass(frozen=True)
class Tag:
    """A tag as boards spell it, `long_hair`, and its kind: 0 general, 4 character, 9 rating."""

    name: str
    category: int

    @property
    def is_rating(self) -> bool:
        """Whether it tells who may look at the picture, which is no part of the picture."""
        return self.category == _RATING or self.name.startswith(_RATING_PREFIX)


def read_tags(path: Path) -> tuple[Tag, ...]:
    """The tags of a `selected_tags.csv`, in the order of the model's outputs; columns `name`, `category`.

    Raises ModelError when the file is missing or is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            tags = tuple(_tag_of(row) for row in csv.DictReader(file, strict=True))
    except (OSError, ValueError, OverflowError, KeyError, AttributeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is no such table"
        raise ModelError(
            f"Reading the tags of {path} failed: {reason}. A table with the columns name and category was"
            " expected; fetch the tagger again."
        ) from error
    if not tags:
        raise ModelError(f"The table of tags {path} is empty; fetch the tagger again.")
    return tags


def _tag_of(row: dict[str, str]) -> Tag:
    """An empty row, which some tables have, keeps its place; some write their numbers as `9.0`."""
    category = row["category"].strip()
    return Tag(row["name"].strip(), int(float(category)) if category else 0)


def chosen_tags(tags: Sequence[Tag], probabilities: Numbers, config: TaggingConfig) -> list[str]:
    """The tags of one picture as they are written, `probabilities` being `[len(tags)]` from 0 to 1.

    A tag exactly at the threshold is taken, ratings never are. Equally sure ones stay in the model's order.
    """
    unwanted = {_compared(name) for name in config.filtered_tags.split(",")}
    # One comparison of the whole row, so that 0.35 means the same as in the model's own 32 bits.
    sure = probabilities >= config.tag_threshold
    found = [
        (tag, float(probability))
        for tag, probability, is_sure in zip(tags, probabilities, sure, strict=True)
        if is_sure and tag.name and not tag.is_rating and _compared(tag.name) not in unwanted
    ]
    if config.tag_order == "alphabetical":
        found.sort(key=lambda pair: pair[0].name)
    else:
        found.sort(key=lambda pair: -pair[1])
    return [written(tag.name, config) for tag, _ in found]


def written(name: str, config: TaggingConfig) -> str:
    """A tag's name as `config` wants it in a caption."""
    if not config.tag_underscores and not _is_face(name):
        name = name.replace("_", " ")
    return name if config.tag_plain_brackets else _EMPHASIS.sub(r"\\\1", name)


def _is_face(name: str) -> bool:
    """Whether the underscore of `name` is a mouth, as in `^_^`, `>_o` and `(o)_(o)`: one, and no words."""
    sides = name.split("_")
    return len(sides) == 2 and all(sides) and all(len(_LETTER_OR_DIGIT.findall(side)) <= 1 for side in sides)


def _compared(name: str) -> str:
    """`Miku \\(cosplay\\)` as the board's `miku_(cosplay)`: people copy tags from captions."""
    return "_".join(name.replace("\\", "").lower().split())
