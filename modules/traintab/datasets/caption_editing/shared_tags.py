"""Tags that nearly all pictures have: do they belong to what is learned, or not?

What a caption says isn't learned, what it leaves out is. A tag that stands in nearly every caption is
therefore either *part of the concept*, such as the hair of a character: then it should stand in none, and the
embedding learns it; or *accidental*, such as the same black t-shirt in every photo: then it should stand in
all, those too that lack it. Nothing but the user's intent tells which, so it is asked and never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ...prompts.templates import NAME
from .caption_set import CaptionSet, Selection
from .tags import tag_key

__all__ = ["SHARED_FROM", "SharedTag", "Side", "preselected_side", "settle_shared", "shared_tags"]

Side = Literal["concept", "accidental"]

SHARED_FROM = 0.8
_FEWEST_PICTURES = 2
_NEARLY_WHOLE = 1e-9

_PRESELECTED: dict[str, tuple[Side, str]] = {
    "character": (
        "concept",
        "What all pictures of a character share is mostly the character: hair, eyes, the usual clothes.",
    ),
    "object": ("concept", "What all pictures of an object share is mostly the object."),
    "style": (
        "accidental",
        "Tags mostly tell what is shown, and a style should be learned without it.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class SharedTag:
    """A tag in nearly all captions: `count` pictures have it, `lacking` don't; `share` is from 0 to 1."""

    tag: str
    count: int
    share: float
    lacking: tuple[str, ...]


def shared_tags(
    captions: CaptionSet,
    *,
    share: float = SHARED_FROM,
    selection: Selection = None,
    ignored: Iterable[str] = (),
) -> list[SharedTag]:
    """The tags in at least `share` of the pictures, the most frequent first; none of a single picture.

    Tags with `[name]` in them aren't asked about, nor those that are `ignored`, such as the token string:
    they stand for the embedding itself.
    """
    editable = [picture for picture in captions.pictures if not picture.problem]
    if selection is not None:
        chosen = {captions[name].name for name in selection}
        editable = [picture for picture in editable if picture.name in chosen]
    if len(editable) < _FEWEST_PICTURES:
        return []
    left_out = set(map(tag_key, ignored))
    # 0.8 of 5 is 4.000000000000001 in floating point, which 4 pictures would miss.
    needed = max(1, math.ceil(share * len(editable) - _NEARLY_WHOLE))
    return [
        SharedTag(
            tag=row.tag,
            count=row.count,
            share=row.share,
            lacking=tuple(picture.name for picture in editable if tag_key(row.tag) not in picture.keys),
        )
        for row in captions.tag_counts([picture.name for picture in editable])
        if row.count >= needed and NAME not in row.tag and tag_key(row.tag) not in left_out
    ]


def settle_shared(
    captions: CaptionSet, answers: Mapping[str, Side], *, selection: Selection = None
) -> CaptionSet:
    """The captions after the user's answers: a tag of the concept in none, an accidental one in all."""
    for tag, side in answers.items():
        if side == "concept":
            captions = captions.remove_tag(tag, selection=selection)
        else:
            captions = captions.add_tag(tag, selection=selection)
    return captions


def preselected_side(preset: str) -> tuple[Side, str] | None:
    """The side that a preset makes likely and the reason for it, by the preset's name in any case.

    A preselection only. None where nothing is likelier.
    """
    return _PRESELECTED.get(preset.strip().casefold())
