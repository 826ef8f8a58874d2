"""Runs of preprocessing over a small folder, one after the other, and what they told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traintab.configs import PreprocessConfig, from_mapping
from traintab.preprocessing.events import (
    PictureDone,
    PictureSkipped,
    PictureUnchanged,
    PreprocessEvent,
)
from traintab.preprocessing.run import preprocess

__all__ = ["Runs", "notes_of", "of_kind", "pictures_in", "state_of", "what_happened"]

_WORDS = {PictureDone: "done", PictureUnchanged: "unchanged", PictureSkipped: "skipped"}


@dataclass(frozen=True)
class Runs:
    """Called with settings it runs once more from `source` to `out` at 64 x 64, and gives the events."""

    source: Path
    out: Path

    def __call__(self, *, dry_run: bool = False, **settings: Any) -> list[PreprocessEvent]:
        return list(preprocess(self.config(**settings), dry_run=dry_run))

    def config(self, **settings: Any) -> PreprocessConfig:
        places = {"source": str(self.source), "destination": str(self.out)}
        return from_mapping(PreprocessConfig, {**places, "width": 64, "height": 64, **settings})


def of_kind(events: list[PreprocessEvent], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def what_happened(events: list[PreprocessEvent]) -> dict[str, str]:
    return {event.source.name: _WORDS[type(event)] for event in events if type(event) in _WORDS}


def notes_of(events: list[PreprocessEvent]) -> str:
    return " ".join(note for event in events for note in getattr(event, "notes", ()))


def pictures_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.png"))


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
