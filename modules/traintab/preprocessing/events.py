"""What a preprocessing run tells the world, one frozen record an occurrence."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

__all__ = [
    "PictureDone",
    "PictureSkipped",
    "PictureUnchanged",
    "PreprocessEvent",
    "PreprocessFinished",
    "PreprocessInterrupted",
    "PreprocessStarted",
]


@dataclass(frozen=True, kw_only=True)
class PreprocessStarted:
    """Everything is checked; `total` files follow, each as done, unchanged or skipped.

    `width` and `height` are the target in pixels, `destination` is where the pictures go.
    """

    total: int
    width: int
    height: int
    notes: tuple[str, ...] = ()
    destination: Path = field(default=Path())


@dataclass(frozen=True, kw_only=True)
class PictureDone:
    """`source` became `outputs` (on a dry run: would become). `notes` are sentences worth reading."""

    source: Path
    outputs: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PictureUnchanged:
    """An earlier run made `outputs` of `source` by the same settings, and they still lie there."""

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
    """The user asked to stop: `written` pictures are there, `remaining` files were not looked at.

    `unchanged` counts files that needed no work, `seconds` is how long it took.
    """

    written: int
    skipped: int
    remaining: int
    unchanged: int = 0
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, kw_only=True)
class PreprocessFinished:
    """All files were looked at: `written` pictures lie in the destination, `skipped` files gave none.

    `unchanged` counts files that needed no work. `seconds` is how long it took, `pictures_per_second` how
    many files were worked on in each; unchanged ones don't count.
    """

    written: int
    skipped: int
    notes: tuple[str, ...] = ()
    unchanged: int = 0
    seconds: float = field(default=0.0, compare=False)
    pictures_per_second: float = field(default=0.0, compare=False)


PreprocessEvent = (
    PreprocessStarted
    | PictureDone
    | PictureUnchanged
    | PictureSkipped
    | PreprocessInterrupted
    | PreprocessFinished
)
