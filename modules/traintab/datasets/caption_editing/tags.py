"""A caption as tags: what stands between its commas."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["join_tags", "split_tags", "tag_key", "without_doubles"]

_OPENING, _CLOSING = "({", ")}"
_OPENS_NOTHING = re.compile(r".\s*(?:,|\Z)")


def split_tags(text: str) -> tuple[str, ...]:
    """The tags of one line in their order, without the white space around them; empty ones are left out.

    A comma inside brackets, `(red hat, smile:1.2)`, or inside a wildcard, `{a, b|c}`, ends no tag; escaped
    brackets are letters, and so are those that a tag ends with, as `:(`. Where brackets don't match all are.
    """
    pieces = _pieces(text)
    if pieces is None:
        pieces = text.split(",")
    return tuple(piece.strip() for piece in pieces if piece.strip())


def join_tags(tags: Iterable[str]) -> str:
    """The tags as one line, the way `split_tags` reads them."""
    return ", ".join(tags)


def tag_key(tag: str) -> str:
    """What two writings of one tag share: capitals and white space don't count.

    The text encoders of Stable Diffusion read lower case only. Underscores do count: to them `red_hat` is
    another word than `red hat`.
    """
    return " ".join(tag.split()).casefold()


def without_doubles(tags: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, at its first place and in its first writing."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(tag_key(tag), tag)
    return tuple(first.values())


def _pieces(text: str) -> list[str] | None:
    """What stands between the commas outside of brackets; None where brackets don't match."""
    pieces, begin, depth = [], 0, 0
    for place, letter in enumerate(text):
        is_escaped = text[place - 1 : place] == "\\"
        if letter in _OPENING:
            depth += not is_escaped and not _OPENS_NOTHING.match(text, place)
        elif letter in _CLOSING:
            depth -= not is_escaped
            if depth < 0:
                return None
        elif letter == "," and depth == 0:
            pieces.append(text[begin:place])
            begin = place + 1
    return None if depth else [*pieces, text[begin:]]
