"""Which names an embedding may have: what prompts can say and every file system can store."""

from __future__ import annotations

import re
import unicodedata

from ..errors import EmbeddingNameError

__all__ = ["MAX_NAME_LENGTH", "check_name"]

MAX_NAME_LENGTH = 100

# Brackets, colons, pipes and commas are prompt grammar or break the infotext; Windows refuses the others.
_FORBIDDEN = frozenset('()[]:<>|,"/\\*?')
_UNSEEN_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # Persian and Indic scripts and emoji need them
_GRAMMAR = re.compile(r"\b(?:BREAK|AND)\b")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)


def check_name(name: str) -> str:
    """The name without white space at its ends, in Unicode's composed form (NFC).

    Raises EmbeddingNameError naming the offending character; nothing is dropped silently, since the name
    that is typed in prompts has to be the one that was asked for.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise EmbeddingNameError(
            "The embedding has no name. Type a name: letters, digits, '-', '_', '.' or spaces."
        )
    if len(name) > MAX_NAME_LENGTH or len(name.encode("utf-8", "replace")) > 2 * MAX_NAME_LENGTH:
        raise EmbeddingNameError(
            f"The embedding's name {name[:20]!r}... has {len(name)} characters;"
            f" choose one of at most {MAX_NAME_LENGTH} (fewer in scripts that need several bytes a letter)."
        )
    _check_characters(name)
    if name.startswith(".") or name.endswith("."):
        raise EmbeddingNameError(
            f"The embedding's name {name!r} begins or ends with a dot, which hides the file or gets lost."
            " Leave the dot out."
        )
    if name.split(".")[0].strip().lower() in _RESERVED:
        raise EmbeddingNameError(
            f"The embedding's name {name!r} is reserved by Windows for a device."
            " Add a letter or a digit to it."
        )
    if match := _GRAMMAR.search(name):
        raise EmbeddingNameError(
            f"The embedding's name {name!r} holds the word {match[0]}, which means something in prompts."
            " Write it in small letters or choose another name."
        )
    return name


def _check_characters(name: str) -> None:
    for position, character in enumerate(name, start=1):
        is_unseen = unicodedata.category(character) in _UNSEEN_CATEGORIES and character not in _JOINERS
        if character in _FORBIDDEN or is_unseen:
            shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
            raise EmbeddingNameError(
                f"The embedding's name {name!r} holds {shown} at character {position}, which prompts or file"
                " names can't carry. Leave it out: use letters, digits, '-', '_', '.' or spaces."
            )
