"""Captions: the words that belong to a picture, from a text file beside it or from its file name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError, DatasetError
from .text_files import read_text

__all__ = ["CaptionRules", "caption_of", "vary_tags", "words_of_name"]

_LEADING_NUMBER = re.compile(r"^[-\d]+\s*")


@dataclass(frozen=True)
class CaptionRules:
    """How a file name becomes a caption when there is no caption file beside the picture.

    Every match of `word_regex` (the whole name when empty) is kept, joined by `join_string`. `extension`
    is the caption file's, with its dot.
    """

    word_regex: str = ""
    join_string: str = " "
    extension: str = ".txt"


def caption_of(image_path: Path, rules: CaptionRules) -> str:
    """The caption of a picture: the text file of the same stem, else words of the file name.

    White space at the ends is removed and line breaks become spaces. From a file name the leading number
    that Preprocess writes (`00000-0-`) is removed first. Raises DatasetError when the caption file can't be
    read and ConfigError when `word_regex` is no regular expression.
    """
    sidecar = image_path.with_suffix(rules.extension)
    if not sidecar.is_file():
        return words_of_name(image_path.stem, rules)
    try:
        text = read_text(sidecar)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DatasetError(
            f"Reading the caption {sidecar} failed: {reason}. Save it as UTF-8 text or delete it;"
            " without it the file name is the caption."
        ) from error
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def words_of_name(stem: str, rules: CaptionRules) -> str:
    """The words of a picture's file name (without folder and suffix), its leading number removed."""
    name = _LEADING_NUMBER.sub("", stem)
    if not rules.word_regex:
        return name.strip()
    try:
        pattern = re.compile(rules.word_regex)
    except re.error as error:
        raise ConfigError(
            f"The file name word regex {rules.word_regex!r} can't be understood: {error}. Correct it, or"
            " leave it empty to use the whole file name.",
            field="word_regex",
        ) from error
    group = 1 if pattern.groups else 0
    return rules.join_string.join(match[group] or "" for match in pattern.finditer(name)).strip()


def vary_tags(caption: str, *, shuffle: bool, drop_out: float, random: Callable[[], float]) -> str:
    """The caption with each of its comma-separated tags dropped with probability `drop_out`, then shuffled.

    `random` returns numbers in [0, 1) and is asked once a tag and once a swap, only for what is switched
    on, so that a seeded source gives the same caption again. With both off the caption is unchanged.
    """
    if not shuffle and drop_out <= 0:
        return caption
    tags = [tag.strip() for tag in caption.split(",") if tag.strip()]
    if drop_out > 0:
        tags = [tag for tag in tags if random() >= drop_out]
    if shuffle:
        for last in range(len(tags) - 1, 0, -1):
            other = int(random() * (last + 1))
            tags[last], tags[other] = tags[other], tags[last]
    return ", ".join(tags)
