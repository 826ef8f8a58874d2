"""Embeddings in folders of other programs, which are read and never written to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .embedding import Embedding
from .library import EmbeddingLibrary

__all__ = ["BorrowedEmbeddings"]


class BorrowedEmbeddings:
    """The embeddings of several folders by name; of equal names the first folder's counts.

    `folders()` tells the folders as they are at that moment.
    """

    def __init__(self, folders: Callable[[], Sequence[Path]]) -> None:
        self._folders = folders
        self._libraries: dict[Path, EmbeddingLibrary] = {}

    def embeddings(self, widths: Mapping[str, int] | None = None) -> dict[str, Embedding]:
        """What lies there now and fits the `widths` of a model's text encoders, if they are given.

        Names that differ in case alone are the same name; the key is the first folder's spelling.
        """
        found: dict[str, tuple[str, Embedding]] = {}
        for folder in self._folders():
            library = self._libraries.setdefault(folder, EmbeddingLibrary(folder))
            library.refresh()
            for name, embedding in library.embeddings(widths).items():
                found.setdefault(name.casefold(), (name, embedding))
        return dict(found.values())
