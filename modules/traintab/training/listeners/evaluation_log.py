"""`evaluation.csv`: the loss on the evaluation set, which can be compared from step to step."""

from __future__ import annotations

from collections.abc import Iterable

from ..automatic_stop import variance_share
from ..evaluation import EvaluationHistory
from ..events import Evaluated, TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..state import TrainingState
from .table import append_row, csv_text

__all__ = ["EvaluationLog"]

_COLUMNS = ("step", "loss", "variance_share")


class EvaluationLog:
    """Begins with what the run's history holds, so that a resumed run neither loses nor repeats a row."""

    def __init__(self, record: RunRecord, history: EvaluationHistory) -> None:
        self._record = record
        self._history = history

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Write the table at the start, and add a row for each evaluation; raises StorageError."""
        if isinstance(event, TrainingStarted):
            folder = self._record.folder
            folder.write(folder.evaluation_table, csv_text([_COLUMNS, *self._rows()]).encode("utf-8"))
        elif isinstance(event, Evaluated):
            row = _row(event.step, event.loss, event.variance_share)
            append_row(self._record.folder.evaluation_table, row, "the evaluation")
        return ()

    def _rows(self) -> list[tuple[str, ...]]:
        window = self._record.config.evaluation.automatic_stop_window
        losses = self._history.losses
        return [
            _row(step, loss, variance_share(losses[: index + 1], window))
            for index, (step, loss) in enumerate(self._history.points)
        ]


def _row(step: int, loss: float, share: float | None) -> tuple[str, ...]:
    return str(step), f"{loss:.9f}", "" if share is None else f"{share:.6f}"
