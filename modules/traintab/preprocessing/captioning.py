"""A training picture's caption: the one it had, a new one, or both; beside the picture or in its name."""

from __future__ import annotations

import re
from pathlib import Path

from ..configs import PreprocessConfig
from ..errors import InputError
from ..files import kind_of
from ..prompts.captions import CaptionRules, words_of_name
from ..prompts.text_files import read_text
from .naming import shortened

__all__ = [
    "file_name_for",
    "merged_caption",
    "new_caption",
    "read_existing_caption",
]

_FORBIDDEN_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


def new_caption(config: PreprocessConfig, source: Path) -> str:
    """The caption the chosen captioner gives `source`, "" for none: the words of its file name."""
    return words_of_name(source.stem, CaptionRules()) if config.caption == "filename" else ""


def read_existing_caption(source: Path) -> str:
    """What stands in the `.txt` of the same name beside `source`, trimmed; "" when there is none.

    Raises InputError naming the file when it is no text in UTF-8, UTF-16 or Latin-1.
    """
    path = source.with_suffix(".txt")
    if not kind_of(path):
        return ""
    if not path.is_file():  # a pipe would be waited for
        raise InputError(f"The caption {path.name} can't be read: it is no file; move it away.")
    try:
        return read_text(path).strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            f"The caption {path.name} can't be read: {reason}; save it as UTF-8 text."
        ) from error


def merged_caption(existing: str, new: str, action: str) -> str:
    """The caption to write. A comma joins the two, so that tags stay tags.

    `prepend` puts the existing caption first, `append` last, `copy` prefers it, `ignore` prefers the new
    one. Where only one is there, it is taken whatever the action: no caption is lost for want of another.
    """
    if not existing or not new:
        return existing or new
    if action == "prepend":
        return f"{existing}, {new}"
    if action == "append":
        return f"{new}, {existing}"
    return existing if action == "copy" else new


def file_name_for(caption: str) -> tuple[str, str]:
    """`caption` as the part of a file name after the counter, and a note if it could not be kept whole.

    Characters that Windows forbids become spaces, long captions are cut. A space goes before a digit, which
    would be read as part of the counter.
    """
    name = " ".join(_FORBIDDEN_IN_NAMES.sub(" ", caption).split()).rstrip(". ")
    name = shortened(name).rstrip(". ")
    note = (
        ""
        if name == caption
        else f"The caption {caption!r} became {name!r} to fit a file name; a .txt keeps it."
    )
    return (f" {name}" if name[:1].isdigit() or name.startswith("-") else name), note
