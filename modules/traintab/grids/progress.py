"""One grid under way: told by the thread that draws, read and stopped from any other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import TrainTabError
from ..jobs.pace import Pace
from .snapshot import GridCell, GridSnapshot, GridState

if TYPE_CHECKING:
    from .plan import GridPlan

__all__ = ["GridProgress"]

_LOGGER = logging.getLogger(__name__)


class GridProgress:
    """Keeps the snapshot up to date; `failure` is what ended the grid, if it failed.

    `keep` is called with the snapshot whenever there is another picture, and at the end.
    """

    def __init__(self, first: GridSnapshot, keep: Callable[[GridSnapshot], None] = lambda _: None) -> None:
        self.snapshot = first
        self._keep = keep
        self.failure: BaseException | None = None
        self._lock = threading.Lock()
        self._interrupt = threading.Event()
        self._ended = threading.Event()
        self._pace = Pace()

    def interrupt(self) -> None:
        """Let the grid end before its next sampling step, with the pictures that are finished."""
        self._interrupt.set()
        self._tell(state=GridState.STOPPING, message="Interrupting after this step.")

    def interrupted(self) -> bool:
        """Asked before each sampling step."""
        return self._interrupt.is_set()

    def wait(self, timeout: float | None = None) -> GridSnapshot:
        """Wait for the end; the snapshot then."""
        self._ended.wait(timeout)
        return self.snapshot

    def show(self, plan: GridPlan, cells: Iterable[GridCell]) -> None:
        """It is known what there is to be drawn, and what of it is there already."""
        self._tell(
            embedding_name=plan.name,
            run=plan.run.path,
            columns=plan.columns,
            rows=plan.rows,
            seeds=plan.seeds,
            cells=tuple(cells),
            notes=plan.notes,
        )

    def begin_picture(self) -> None:
        """The next picture's turn has come."""
        done, total = len(self.snapshot.cells), self.snapshot.total
        self._tell_unless_stopping(state=GridState.DRAWING, message=f"Drawing picture {done + 1} of {total}.")

    def wait_for_turn(self) -> None:
        """The next picture waits: for the model, or for a step of training."""
        if self.snapshot.state is GridState.WAITING:
            self._tell_unless_stopping(message="Waiting for the model.")

    def add(self, cell: GridCell, seconds: float) -> None:
        """A picture is finished, `seconds` after the one before."""
        self._pace.add(1, seconds)
        left = self.snapshot.total - len(self.snapshot.cells) - 1
        self._tell(cells=(*self.snapshot.cells, cell), eta_seconds=self._pace.eta_seconds(left))
        self._keep(self.snapshot)

    def note(self, sentence: str) -> None:
        """Something that the user should know of the pictures, told once."""
        if sentence not in self.snapshot.notes:
            self._tell(notes=(*self.snapshot.notes, sentence))

    def finish(self, picture: Path | None) -> None:
        """All is drawn, or it was interrupted before; `picture` is the labelled one."""
        now = self.snapshot
        is_whole = len(now.cells) == now.total
        state = GridState.FINISHED if is_whole else GridState.INTERRUPTED
        self._end(state=state, message=_told(now, is_whole), picture=picture)

    def fail(self, error: BaseException) -> None:
        """It ended with an error; of one that nobody foresaw the log keeps the traceback."""
        sentence = str(error)
        if not isinstance(error, TrainTabError):
            _LOGGER.error("A grid failed.", exc_info=error)
            sentence = (
                f"The grid stopped by an unexpected error ({type(error).__name__}: {error})."
                " Details are in the program's output."
            )
        self.failure = error
        self._end(state=GridState.FAILED, message="", error=sentence)

    def _end(self, **changes: Any) -> None:
        with self._lock:
            self._replace({"eta_seconds": None, **changes})
        self._keep(self.snapshot)
        self._ended.set()

    def _tell(self, **changes: Any) -> None:
        """A change that comes too late for an ended grid is left out."""
        with self._lock:
            if self.snapshot.state.is_active:
                self._replace(changes)

    def _tell_unless_stopping(self, **changes: Any) -> None:
        """What is said of an interrupt stays."""
        with self._lock:
            if self.snapshot.state in (GridState.WAITING, GridState.DRAWING):
                self._replace(changes)

    def _replace(self, changes: dict[str, Any]) -> None:
        self.snapshot = replace(self.snapshot, **changes, revision=self.snapshot.revision + 1)


def _told(now: GridSnapshot, is_whole: bool) -> str:
    if not is_whole:
        return f"Interrupted: {len(now.cells)} of {now.total} pictures are finished."
    old = sum(cell.was_there for cell in now.cells)
    new = len(now.cells) - old
    if not new:
        return f"All {old} pictures were drawn before."
    drawn = "Drew 1 picture" if new == 1 else f"Drew {new} pictures"
    return f"{drawn}; {old} were drawn before." if old else f"{drawn}."
