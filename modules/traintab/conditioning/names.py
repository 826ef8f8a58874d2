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
    ids: tuple[int, ...]
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
        self._by_first: dict[int, list[_Spelling]] = {}
        names = list(num_vectors)
        # One call of the tokenizer for all; the prefixed names too, because some begin with punctuation.
        texts = [*names, *(_PREFIX + name for name in names), *_SUFFIXES]
        rows = [tuple(ids) for ids in text_encoder.tokenize_all(texts)]
        self._suffixes = rows[2 * len(names) :]
        for number, name in enumerate(names):
            for has_prefix in (False, True):
                ids = rows[number + has_prefix * len(names)]
                if rows[number]:
                    self._by_first.setdefault(ids[0], []).append(_Spelling(ids, name, has_prefix))
        for spellings in self._by_first.values():
            spellings.sort(key=lambda spelling: -len(spelling.ids))

    def at(self, ids: Sequence[int], position: int) -> FoundName | None:
        """The longest name that begins at `position`; None when none does.

        Of two names with the same tokens the first given wins.
        """
        for spelling in self._by_first.get(ids[position], ()):
            end = position + len(spelling.ids)
            if tuple(ids[position:end]) == spelling.ids and self._begins(ids, position):
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
