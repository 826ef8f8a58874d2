"""What can be said of a grid at one moment: immutable, so that any thread may read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..configs import GridConfig

__all__ = ["GridCell", "GridColumn", "GridRow", "GridSnapshot", "GridState"]


class GridState(str, Enum):
    """The states of a grid; *waiting* is for the model or a step of training."""

    IDLE = "idle"
    WAITING = "waiting"
    DRAWING = "drawing"
    STOPPING = "stopping"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether pictures are still to come."""
        return self in (GridState.WAITING, GridState.DRAWING, GridState.STOPPING)


@dataclass(frozen=True, kw_only=True)
class GridColumn:
    """One kept step: the copy in `path`, its loss on the evaluation set, None when none was measured.

    `is_best` says that this is the step with the run's lowest evaluation loss.
    """

    step: int
    path: Path
    evaluation_loss: float | None = None
    is_best: bool = False


@dataclass(frozen=True, kw_only=True)
class GridRow:
    """What one row shows: `title` is its label, `prompt` what is drawn, with the embedding's name in it.

    `guidance_scale` is None for the model's own. `model` is the one to draw with, empty for the selected one.
    """

    title: str
    prompt: str
    guidance_scale: float | None = None
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class GridCell:
    """A finished picture in its file: which `row` and `column` (indices), its seed, and how to draw it again.

    `was_there` says that it had been drawn before.
    """

    row: int
    column: int
    seed: int
    path: Path
    infotext: str = ""
    was_there: bool = False


@dataclass(frozen=True, kw_only=True)
class GridSnapshot:
    """A grid at one moment; the last one stays to be seen until the next begins.

    `number` counts the grids since the program started, 0 before the first. `run` is the run's folder.
    `seeds` are those of every cell: `len(columns) * len(rows) * len(seeds)` pictures in all, of which `cells`
    are finished. `picture` is the labelled PNG, there as soon as all cells are, or when it was interrupted
    with some. `message` is the last thing that happened, `notes` are sentences worth keeping in sight,
    `error` is the sentence shown when `state` is failed. `revision` grows with every change, from one grid to
    the next too.
    """

    number: int = 0
    state: GridState = GridState.IDLE
    config: GridConfig | None = None
    embedding_name: str = ""
    run: Path | None = None
    columns: tuple[GridColumn, ...] = ()
    rows: tuple[GridRow, ...] = ()
    seeds: tuple[int, ...] = ()
    cells: tuple[GridCell, ...] = ()
    eta_seconds: float | None = None
    picture: Path | None = None
    message: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""
    revision: int = 0

    @property
    def total(self) -> int:
        """How many pictures the whole grid has."""
        return len(self.columns) * len(self.rows) * len(self.seeds)

    @property
    def fraction(self) -> float | None:
        """How far it is, 0 to 1; None before it is known what is to be drawn."""
        return len(self.cells) / self.total if self.total else None

    def cells_at(self, row: int, column: int) -> tuple[GridCell, ...]:
        """The finished pictures of one cell, in the order of the seeds."""
        here = (cell for cell in self.cells if (cell.row, cell.column) == (row, column))
        return tuple(sorted(here, key=lambda cell: self.seeds.index(cell.seed)))
