"""Embeddings in folders of other programs, which are read and never written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .embedding import Embedding
from .library import EmbeddingLibrary

__all__ = ["BorrowedEmbeddings"]


class BorrowedEmbeddings:
    """The embeddings of several folders by name; of equal names the first folder's counts."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._libraries = [EmbeddingLibrary(folder) for folder in folders]

    def embeddings(self, widths: Mapping[str, int] | None = None) -> dict[str, Embedding]:
        """What lies there now and fits the `widths` of a model's text encoders, if they are given.

        Names that differ in case alone are the same name; the key is the first folder's spelling.
        """
        found: dict[str, tuple[str, Embedding]] = {}
        for library in self._libraries:
            library.refresh()
            for name, embedding in library.embeddings(widths).items():
                found.setdefault(name.casefold(), (name, embedding))
        return dict(found.values())
