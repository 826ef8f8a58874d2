"""Texts and numbers that a stranger wrote into a file: cut to size and cleaned before anyone sees them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

__all__ = ["MAX_COMMENT", "MAX_TEXT", "clean_count", "clean_text", "shown_path"]

MAX_TEXT = 200
MAX_COMMENT = 2000
_MAX_COUNT = 10**12


def clean_text(value: object, limit: int = MAX_TEXT) -> str | None:
    """`value` as one line of at most `limit` visible characters, None when it is no text."""
    if not isinstance(value, str):
        return None
    value = value[: 4 * limit]
    if value.isprintable():  # of white space only plain blanks, and nothing unseen
        return value.strip()[:limit] or None
    kept = (
        " " if character.isspace() else character
        for character in value
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    return "".join(kept).strip()[:limit] or None


def clean_count(value: object) -> int | None:
    """`value` as a number of steps, None when it isn't a whole number from 0 to a million million."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 13:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_COUNT:
        return None
    return value


def shown_path(path: Path) -> str:
    """The path as one line of visible characters: others, which file names may hold, as escapes."""
    text = str(path).encode("utf-8", "replace").decode()
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
