"""`textual_inversion_loss.csv`: the web UI's table of losses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..events import StepCompleted, TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..state import TrainingState
from ..table_rows import table_rows
from .table import append_row, csv_text

__all__ = ["CsvLog"]

_COLUMNS = ("step", "epoch", "epoch_step", "loss", "learn_rate")


class CsvLog:
    """Adds a row every `write_csv_every` steps, with the loss of that one step, not smoothed.

    `epoch` and `epoch_step` count from 0 there, as in the web UI.
    """

    def __init__(self, record: RunRecord, steps_per_epoch: int) -> None:
        self._record = record
        self._steps_per_epoch = steps_per_epoch

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Begin the table, or cut it back to the step that is resumed from; then add rows."""
        if isinstance(event, TrainingStarted):
            self._begin(event.step)
        elif (
            isinstance(event, StepCompleted) and event.step % self._record.config.outputs.write_csv_every == 0
        ):
            self._add(event)
        return ()

    def _begin(self, step: int) -> None:
        folder = self._record.folder
        rows = [row for row in _rows(folder.loss_table) if int(row[0]) <= step]
        folder.write(folder.loss_table, csv_text([_COLUMNS, *rows]).encode("utf-8"))

    def _add(self, event: StepCompleted) -> None:
        epoch, epoch_step = divmod(event.step - 1, self._steps_per_epoch)
        loss = "" if event.loss is None else f"{event.loss:.7f}"
        row = (str(event.step), str(epoch), str(epoch_step), loss, f"{event.learning_rate:g}")
        append_row(self._record.folder.loss_table, row, "the losses")


def _rows(path: Path) -> list[list[str]]:
    """The whole rows of a table without its head; what was torn is left out.

    A power failure may leave zeros, or anything, where rows had been added: that costs no other row.
    """
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return []
    lines = [line for line in text[: text.rfind("\n") + 1].split("\n") if "\0" not in line]
    rows = table_rows(lines)
    return [row for row in rows if len(row) == len(_COLUMNS) and row[0].isdecimal() and row[0].isascii()]
