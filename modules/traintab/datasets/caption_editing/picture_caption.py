"""One picture and its caption."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from .tags import split_tags, tag_key

__all__ = ["PictureCaption", "caption_of", "caption_text"]

_NO_TEXT = re.compile("[\\0\\ud800-\\udfff\\ufeff]")


@dataclass(frozen=True, kw_only=True)
class PictureCaption:
    """One picture and its caption.

    `name` is the picture's path below the folder, with forward slashes, and what tells it from others. `text`
    is the caption, `file` where it is saved. `is_missing`: there is no caption file, and none is wanted; then
    training takes `suggestion`, which `suggested_by` gives (`file name` or `metadata.jsonl`). `problem` tells
    in a phrase why the caption file can't be read; such a caption is neither edited nor written. `is_joined`:
    the caption is several lines of the file, read as one, which is how it would be saved.
    """

    path: Path
    name: str
    file: Path
    text: str = ""
    is_missing: bool = False
    is_joined: bool = False
    suggestion: str = ""
    suggested_by: str = ""
    problem: str = ""

    @functools.cached_property
    def tags(self) -> tuple[str, ...]:
        """What stands between the commas, in order; of all lines where lines are variants of a caption."""
        return tuple(tag for line in self.text.split("\n") for tag in split_tags(line))

    @functools.cached_property
    def keys(self) -> frozenset[str]:
        """The tags as `tag_key` compares them."""
        return frozenset(map(tag_key, self.tags))


def caption_of(picture: PictureCaption) -> str | None:
    """The caption, None for no caption file."""
    return None if picture.is_missing else picture.text


def caption_text(text: str, lines_are_variants: bool) -> str:
    """A text as a caption has it: its lines stripped, joined by spaces unless they are variants.

    What a text file can't hold is left out: zero bytes, halves of characters and byte order marks.
    """
    lines = _NO_TEXT.sub("", text).splitlines()
    return ("\n" if lines_are_variants else " ").join(line.strip() for line in lines if line.strip())
