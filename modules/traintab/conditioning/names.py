"""Embeddings' names in a row of tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..models.text_encoder import TextEncoder

__all__ = ["FoundName", "NameFinder"]

# How ComfyUI's prompts call an embedding: by this word, and the file's suffix if they like.
_PREFIX = "embedding:"
_SUFFIXES = (".safetensors", ".pt", ".bin")


class FoundName(NamedTuple):
    """An embedding's name, the number of its vectors, and how many tokens of the text call it."""

    name: str
    num_vectors: int
    length: int


class _Spelling(NamedTuple):
    name: str
    has_prefix: bool


class NameFinder:
    """Finds names by their token ids, as A1111 does; `embedding:name`, ComfyUI's way, is the name too.

    The consequences are A1111's: upper and lower case are the same, punctuation divides words (`cat` is
    found in `my-cat-x`), every digit is a word (`cat 5` is found in `cat 50`), and a name ends where a
    word ends (`cat` isn't found in `cats`). A name also begins where a word begins; in A1111 that depends
    on how the vocabulary happens to divide a longer word.
    """

    def __init__(self, text_encoder: TextEncoder, num_vectors: Mapping[str, int]) -> None:
        self._text_encoder = text_encoder
        self._num_vectors = num_vectors
        self._spellings: dict[tuple[int, ...], _Spelling] = {}
        self._lengths: dict[int, list[int]] = {}  # of those that begin with a token, the longest first
        names = list(num_vectors)
        # One call of the tokenizer for all; the prefixed names too, because some begin with punctuation.
        texts = [*names, *(_PREFIX + name for name in names), *_SUFFIXES]
        rows = [tuple(ids) for ids in text_encoder.tokenize_all(texts)]
        self._suffixes = rows[2 * len(names) :]
        for plain, prefixed, name in zip(rows, rows[len(names) :], names, strict=False):
            if plain:
                self._spellings.setdefault(plain, _Spelling(name, has_prefix=False))
                self._spellings.setdefault(prefixed, _Spelling(name, has_prefix=True))
        for ids in sorted(self._spellings, key=len, reverse=True):
            lengths = self._lengths.setdefault(ids[0], [])
            if len(ids) not in lengths:
                lengths.append(len(ids))

    def at(self, ids: Sequence[int], position: int) -> FoundName | None:
        """The longest name that begins at `position`; None when none does.

        Of two names with the same tokens the first given wins.
        """
        for length in self._lengths.get(ids[position], ()):
            end = position + length
            spelling = self._spellings.get(tuple(ids[position:end]))
            if spelling is not None and self._begins(ids, position):
                if spelling.has_prefix:
                    end += self._suffix_length(ids, end)
                return FoundName(spelling.name, self._num_vectors[spelling.name], end - position)
        return None

    def _begins(self, ids: Sequence[int], position: int) -> bool:
        return position == 0 or self._text_encoder.ends_word(ids[position - 1])

    def _suffix_length(self, ids: Sequence[int], position: int) -> int:
        """Tokens of the file suffix at `position`, 0 without one."""
        for suffix in self._suffixes:
            if tuple(ids[position : position + len(suffix)]) == suffix:
                return len(suffix)
        return 0
