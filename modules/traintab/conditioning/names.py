"""Embeddings' names in a row of tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..models.text_encoder import TextEncoder

__all__ = ["NameFinder"]


class NameFinder:
    """Finds names by their token ids, as A1111 does.

    The consequences are A1111's too: upper and lower case are the same, punctuation divides words (`cat`
    is found in `my-cat-x`), every digit is a word (`cat 5` is found in `cat 50`), and a name ends where a
    word ends (`cat` isn't found in `cats`). A name also begins where a word begins; in A1111 that depends
    on how the vocabulary happens to divide a longer word.
    """

    def __init__(self, text_encoder: TextEncoder, num_vectors: Mapping[str, int]) -> None:
        self._text_encoder = text_encoder
        self._by_first: dict[int, list[tuple[tuple[int, ...], str, int]]] = {}
        names = list(num_vectors)
        for name, ids in zip(names, text_encoder.tokenize_all(names), strict=True):
            if ids:
                self._by_first.setdefault(ids[0], []).append((tuple(ids), name, num_vectors[name]))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))

    def at(self, ids: Sequence[int], position: int) -> tuple[str, int, int] | None:
        """The longest name that begins at `position`, its number of vectors and of tokens in the text.

        None when no name begins there. Of two names with the same tokens the first given wins.
        """
        for name_ids, name, num_vectors in self._by_first.get(ids[position], ()):
            if tuple(ids[position : position + len(name_ids)]) == name_ids and self._begins(ids, position):
                return name, num_vectors, len(name_ids)
        return None

    def _begins(self, ids: Sequence[int], position: int) -> bool:
        return position == 0 or self._text_encoder.ends_word(ids[position - 1])
