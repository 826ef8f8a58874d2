"""Captions: the words that belong to a picture, from a text file beside it or from its file name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..errors import ConfigError, DatasetError
from ..files import kind_of
from .text_files import LATIN_1, TextFile, read_text_file
from .wildcards import one_of_lines

__all__ = [
    "FROM_FILE_NAME",
    "Caption",
    "CaptionRules",
    "caption_of",
    "find_caption",
    "suffix_of_captions",
    "vary_tags",
    "word_pattern",
    "words_of_name",
]

FROM_FILE_NAME = "file name"

_LEADING_NUMBER = re.compile(r"^[-\d]+\s*")
_SUFFIX = re.compile(r"(\.[^./\\]+)+")


@dataclass(frozen=True)
class CaptionRules:
    """Where captions are found, and how a file name becomes one when there is no caption file.

    Every match of `word_regex` (the whole name when empty) is kept, joined by `join_string`. `extension`
    is the caption file's, with its dot. With `one_line` the lines of a caption file are variants of which
    one is shown (see `wildcards`).
    """

    word_regex: str = ""
    join_string: str = " "
    extension: str = ".txt"
    one_line: bool = False


class Caption(NamedTuple):
    """A picture's caption and where it comes from: `FROM_FILE_NAME`, or a file and its unusual encoding."""

    text: str
    source: str


def suffix_of_captions(extension: str) -> str:
    """`.caption` for `caption` and `.caption`; raises ConfigError for what ends no file's name."""
    suffix = "." + extension.strip().removeprefix(".")
    if not _SUFFIX.fullmatch(suffix):
        raise ConfigError(
            f"The caption file extension is {extension!r}; expected the ending of a file's name, such as .txt"
            " or .caption.",
            field="caption_extension",
        )
    return suffix


def caption_of(image_path: Path, rules: CaptionRules) -> str:
    """The text of `find_caption` alone; raises as that does."""
    return find_caption(image_path, rules).text


def find_caption(image_path: Path, rules: CaptionRules) -> Caption:
    """The caption of a picture: the text file of the same stem, else words of the file name.

    White space at the ends is removed and line breaks become spaces. From a file name the leading number
    that Preprocess writes (`00000-0-`) is removed first. Raises DatasetError when the caption file can't be
    read and ConfigError when `word_regex` is no regular expression.
    """
    sidecar = image_path.with_suffix(rules.extension)
    if kind_of(sidecar) != "file":
        return Caption(words_of_name(image_path.stem, rules), FROM_FILE_NAME)
    read = _read(sidecar)
    lines = [line.strip() for line in read.text.splitlines() if line.strip()]
    remark = f", read as {LATIN_1}" if read.encoding == LATIN_1 else ""
    text = one_of_lines(lines) if rules.one_line and len(lines) > 1 else " ".join(lines)
    return Caption(text, sidecar.name + remark)


def _read(sidecar: Path) -> TextFile:
    try:
        return read_text_file(sidecar)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DatasetError(
            f"Reading the caption {sidecar} failed: {reason}. Save it as UTF-8 text or delete it;"
            " without it the file name is the caption."
        ) from error


def words_of_name(stem: str, rules: CaptionRules) -> str:
    """The words of a picture's file name (without folder and suffix), its leading number removed."""
    name = _LEADING_NUMBER.sub("", stem)
    if not rules.word_regex:
        return name.strip()
    pattern = word_pattern(rules.word_regex)
    group = 1 if pattern.groups else 0
    return rules.join_string.join(match[group] or "" for match in pattern.finditer(name)).strip()


def word_pattern(word_regex: str) -> re.Pattern[str]:
    """What finds the words of a file name; raises ConfigError, in our words, for no regular expression."""
    try:
        return re.compile(word_regex)
    except (re.error, OverflowError, RecursionError) as error:
        character = (getattr(error, "pos", None) or 0) + 1
        raise ConfigError(
            f"Filename word regex is {word_regex!r}, and from character {character} on it can't be"
            " understood. Close every ( and [, write \\ before a sign that stands for itself, or leave the"
            " field empty to use the whole file name.",
            field="filename_word_regex",
        ) from error


def vary_tags(
    caption: str,
    *,
    shuffle: bool,
    drop_out: float,
    random: Callable[[], float],
    keep: int = 0,
    separator: str = ",",
) -> str:
    """The caption with each of its tags dropped with probability `drop_out`, then shuffled.

    The first `keep` tags stay in front in any case. `separator` stands between tags. `random` returns numbers
    in [0, 1) and is asked once a tag and once a swap, only for what is switched on, so that a seeded source
    gives the same caption again. With both off the caption is unchanged.
    """
    if not shuffle and drop_out <= 0:
        return caption
    between = separator.strip()
    tags = [tag.strip() for tag in caption.split(between or None) if tag.strip()]
    kept, tags = tags[:keep], tags[keep:]
    if drop_out > 0:
        tags = [tag for tag in tags if random() >= drop_out]
    if shuffle:
        for last in range(len(tags) - 1, 0, -1):
            other = int(random() * (last + 1))
            tags[last], tags[other] = tags[other], tags[last]
    return f"{between} ".join((*kept, *tags))
