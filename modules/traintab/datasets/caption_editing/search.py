"""Finding words in captions, and putting others in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import regex

from ...errors import InputError
from .tags import join_tags, split_tags

__all__ = ["Search"]

_SECONDS = 2.0  # for one caption: an expression that takes longer is one that never ends

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is looked for in captions.

    `text` is taken as it is, or with `is_regex` as a regular expression as Python's `re` has them. With
    `whole_tag` it has to be all that stands between two commas. Capitals count with `match_case` only. Raises
    InputError for an empty text and for what is no regular expression.

    Expressions can take for ever, and `re` stops the whole program meanwhile, trainings too. So the library
    `regex` is asked, which transformers needs as well: it lets others work, and can be stopped.
    """

    text: str
    is_regex: bool = False
    whole_tag: bool = False
    match_case: bool = False
    _pattern: regex.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.text:
            raise InputError("Searching the captions: there is nothing to look for; give some text.")
        source = (
            self.text if self.is_regex else regex.escape(self.text.strip() if self.whole_tag else self.text)
        )
        try:
            pattern = regex.compile(source, 0 if self.match_case else regex.IGNORECASE)
        except regex.error as error:
            raise InputError(
                f"Searching the captions: {self.text!r} is no regular expression ({error}). Correct it, or"
                " search for the plain text."
            ) from error
        object.__setattr__(self, "_pattern", pattern)

    def is_in(self, text: str) -> bool:
        """Whether one line holds it; raises InputError for an expression that takes too long."""
        if self.whole_tag:
            return any(self._whole(tag) for tag in split_tags(text))
        return self._timed(lambda: self._pattern.search(text, timeout=_SECONDS, concurrent=True)) is not None

    def replaced(self, text: str, replacement: str) -> str:
        r"""One line with every match replaced; a line without a match comes back as it is.

        In a regular expression's replacement `\1` is what its first bracket matched. Tags that became empty
        go, with their comma, and what is replaced by nothing leaves no gap between words. Raises InputError
        for a replacement that names what was not matched, and for an expression that takes too long.
        """
        if not self.is_in(text):
            return text
        if self.whole_tag:
            tags = (self._with_replacement(tag, replacement).strip() for tag in split_tags(text))
            return join_tags(filter(None, tags))
        filled: str = self._timed(
            lambda: self._pattern.sub(
                lambda match: self._filled(match, replacement), text, timeout=_SECONDS, concurrent=True
            )
        )
        if replacement and all(piece.strip() for piece in filled.split(",")):
            return filled.strip()  # with its own spacing
        return join_tags(" ".join(tag.split()) for tag in split_tags(filled))

    def _with_replacement(self, tag: str, replacement: str) -> str:
        match = self._whole(tag)
        return tag if match is None else self._filled(match, replacement)

    def _whole(self, tag: str) -> regex.Match[str] | None:
        return self._timed(lambda: self._pattern.fullmatch(tag, timeout=_SECONDS, concurrent=True))

    def _timed(self, look: Callable[[], Found]) -> Found:
        try:
            return look()
        except TimeoutError as error:
            raise InputError(
                f"Searching the captions for {self.text!r} was given up after {_SECONDS:g} seconds in one"
                " caption: it can match in too many ways. Simplify it; (a|aa)+ and the like never end."
            ) from error

    def _filled(self, match: regex.Match[str], replacement: str) -> str:
        if not self.is_regex:
            return replacement
        try:
            filled: str = match.expand(replacement)
        except (regex.error, IndexError) as error:
            raise InputError(
                f"Replacing {self.text!r} in the captions by {replacement!r} can't be done: {error}. Use \\1,"
                " \\2 … for what brackets matched, and \\\\ for a backslash."
            ) from error
        return filled
