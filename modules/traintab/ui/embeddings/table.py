"""The table of embeddings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .listing import READY, ListedEmbedding, Listing, shown

__all__ = ["DATATYPES", "HEADERS", "NEGATIVE", "count_line", "date_of", "rows", "size_of"]

HEADERS = ("Name", "Use", "Vectors", "Step", "Model", "Size", "Date", "Format")
DATATYPES = ("str", "str", "number", "number", "str", "str", "str", "str")

NEGATIVE = "for negative"
_SHORTEST_KILOBYTES = 10


def rows(listing: Listing, search: str = "") -> list[list[Any]]:
    """A row of values for each embedding in whose name, model or place the words of `search` are."""
    words = search.casefold().split()
    return [_row(item) for item in listing.embeddings.values() if _holds(item, words)]


def count_line(listing: Listing, count: int) -> str:
    """How many there are, and how many of them `count` rows show."""
    total = len(listing.embeddings)
    if total == 0:
        return "No embeddings yet: create one in Train, or drop files here."
    noun = "embedding" if total == 1 else "embeddings"
    return f"{total} {noun}" if count == total else f"{count} of {total} {noun}"


def size_of(item: ListedEmbedding) -> str:
    """The file's size as people read it."""
    try:
        kilobytes = item.path.stat().st_size / 1000
    except OSError:
        return "–"
    if kilobytes >= 1000:
        return f"{kilobytes / 1000:.1f} MB"
    return f"{kilobytes:.0f} kB" if kilobytes >= _SHORTEST_KILOBYTES else f"{kilobytes:.1f} kB"


def date_of(item: ListedEmbedding) -> str:
    """When the file was last written, local time."""
    try:
        return f"{datetime.fromtimestamp(item.path.stat().st_mtime):%Y-%m-%d %H:%M}"
    except (OSError, OverflowError, ValueError):
        return "–"


def _row(item: ListedEmbedding) -> list[Any]:
    embedding = item.embedding
    return [
        item.label,
        NEGATIVE if item.positive and item.use == READY else item.use,
        embedding.num_vectors,
        "" if embedding.step is None else embedding.step,
        shown(embedding.sd_checkpoint_name or "–"),
        size_of(item),
        date_of(item),
        item.path.suffix.lower(),
    ]


def _holds(item: ListedEmbedding, words: list[str]) -> bool:
    text = f"{item.label} {item.embedding.sd_checkpoint_name or ''} {item.path.name}".casefold()
    return all(word in text for word in words)
