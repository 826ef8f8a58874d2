"""What a run goes over: each source with its number, which it keeps from run to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .record import Record
from .sources import Sources

__all__ = ["Item", "items"]


@dataclass(frozen=True, kw_only=True)
class Item:
    """A source: its file, its place in the source folder, its number, and the name it gives its pictures."""

    path: Path
    source: str
    number: int
    stem: str


def items(sources: Sources, record: Record) -> Iterator[Item]:
    """All sources in their order; `record` gives those that it doesn't know yet the next numbers."""
    for path in sources.files:
        source = sources.name_of(path)
        yield Item(path=path, source=source, number=record.number_of(source), stem=sources.stem_of(path))
