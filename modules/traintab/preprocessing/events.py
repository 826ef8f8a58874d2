"""What a preprocessing run tells the world, one frozen record an occurrence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "PictureDone",
    "PictureSkipped",
    "PreprocessEvent",
    "PreprocessFinished",
    "PreprocessInterrupted",
    "PreprocessStarted",
]


@dataclass(frozen=True, kw_only=True)
class PreprocessStarted:
    """Everything is checked; `total` files follow, each as done or skipped. `width`, `height` in pixels."""

    total: int
    width: int
    height: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PictureDone:
    """`source` became `outputs` (on a dry run: would become). `notes` are sentences worth reading."""

    source: Path
    outputs: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PictureSkipped:
    """Nothing came of `source`; `reason` is a sentence."""

    source: Path
    reason: str


@dataclass(frozen=True, kw_only=True)
class PreprocessInterrupted:
    """The user asked to stop: `written` pictures are there, `remaining` files were not looked at."""

    written: int
    skipped: int
    remaining: int


@dataclass(frozen=True, kw_only=True)
class PreprocessFinished:
    """All files were looked at: `written` pictures lie in the destination, `skipped` files gave none."""

    written: int
    skipped: int
    notes: tuple[str, ...] = ()


PreprocessEvent = (
    PreprocessStarted | PictureDone | PictureSkipped | PreprocessInterrupted | PreprocessFinished
)
