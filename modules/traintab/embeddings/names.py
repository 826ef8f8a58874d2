"""Which names an embedding may have: what prompts can say and every file system can store.

New names follow one strict rule, `check_name`. Files that are found are taken as they are: `prompt_word`
says what they are called, `name_problem` what is wrong with that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import PurePath

from ..errors import EmbeddingNameError

__all__ = [
    "MAX_NAME_LENGTH",
    "check_name",
    "name_problem",
    "name_warnings",
    "prompt_word",
    "typable_name",
]

MAX_NAME_LENGTH = 100

# Brackets, colons, pipes and commas are prompt grammar or break the infotext; Windows refuses the others.
_FORBIDDEN = frozenset('()[]:<>|,"/\\*?')
_UNSEEN_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Without width or ink, though their categories are those of accents and letters.
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_GRAMMAR = re.compile(r"\b(?:BREAK|AND)\b")
_NUMBERED_DEVICES = (f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³")
_RESERVED = frozenset(["con", "prn", "aux", "nul", "conin$", "conout$", *_NUMBERED_DEVICES])
# diffusers calls every file so.
_NAMELESS_STEM = "learned_embeds"
_OTHERS_SHOWN = 3


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


def name_problem(name: str) -> str:
    """Why a name that was found can't be given to a new embedding, as a sentence; nothing when it can."""
    try:
        if check_name(name) == name:
            return ""
    except EmbeddingNameError as error:
        return f"A prompt can't say its name as it is; rename the file. {error}"
    return f"A prompt can't say the name {name!r} as it is written; rename the file."


def name_warnings(
    name: str, others: Iterable[str], knows_word: Callable[[str], bool] | None = None
) -> list[str]:
    """What a user should know before using a name that may be given, a sentence for each matter.

    `others` are the names in use; `knows_word` tells whether the model has a word of its own for a text.
    """
    warnings = []
    if knows_word is not None and knows_word(name):
        warnings.append(
            f"The model already knows the word {name!r}: wherever a prompt has it, the embedding takes its"
            " place. A name like no word, such as a word with a digit, keeps both."
        )
    known = [other for other in others if other != name]
    for other in known:
        if other.casefold() == name.casefold():
            warnings.append(
                f"There is an embedding called {other!r}, and prompts don't tell capital letters from small"
                " ones: only one of the two can be used."
            )
    overlapping = [other for other in known if _is_beginning(name, other)]
    if overlapping:
        shown = ", ".join(map(repr, overlapping[:_OTHERS_SHOWN]))
        more = ", ..." if len(overlapping) > _OTHERS_SHOWN else ""
        warnings.append(
            f"{name!r} and {shown}{more} begin alike: web UIs may find the shorter name"
            " inside the longer one. Names that begin differently are safe."
        )
    return warnings


def typable_name(text: str) -> str:
    """A name that may be given, as near to `text` as can be: what can't be typed becomes `_`.

    Raises EmbeddingNameError when nothing remains.
    """
    kept = "".join(
        "_" if character in _FORBIDDEN else "" if _is_unseen(character) else character
        for character in unicodedata.normalize("NFC", text)
    )
    kept = _GRAMMAR.sub(lambda match: match[0].lower(), kept)
    while len(kept.encode("utf-8", "replace")) > 2 * MAX_NAME_LENGTH or len(kept) > MAX_NAME_LENGTH:
        kept = kept[:-1]
    kept = kept.strip(". ")
    if kept.split(".")[0].strip().lower() in _RESERVED:
        kept = f"_{kept}"[:MAX_NAME_LENGTH]
    return check_name(kept)


def prompt_word(path: PurePath, inner_name: str | None, *, is_picture: bool) -> str:
    """What a file that was found is called in prompts, before it is checked: the file's stem.

    A picture card is called by the name inside. `learned_embeds` is what diffusers calls every file: it
    takes the token inside, less the `<>` around it, which are prompt grammar, or else its folder's name.
    """
    if is_picture:
        return inner_name or path.stem
    if not path.stem.lower().startswith(_NAMELESS_STEM):
        return path.stem
    if inner_name and inner_name.startswith("<") and inner_name.endswith(">"):
        inner_name = inner_name[1:-1]
    return inner_name or path.parent.name or path.stem


def _check_characters(name: str) -> None:
    for position, character in enumerate(name, start=1):
        if character in _FORBIDDEN or _is_unseen(character):
            shown = f"U+{ord(character):04X}" if _is_unseen(character) else repr(character)
            raise EmbeddingNameError(
                f"The embedding's name {name!r} holds {shown} at character {position}, which prompts or file"
                " names can't carry. Leave it out: use letters, digits, '-', '_', '.' or spaces."
            )


def _is_beginning(one: str, other: str) -> bool:
    """Whether one of two names, in any case, is the beginning of the other and shorter than it."""
    one, other = one.casefold(), other.casefold()
    return one != other and (one.startswith(other) or other.startswith(one))


def _is_unseen(character: str) -> bool:
    return character in _UNSEEN or unicodedata.category(character) in _UNSEEN_CATEGORIES
