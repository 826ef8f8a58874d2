"""The table of losses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.errors import StorageError
from traintab.training.events import StepCompleted, TrainingEvent, TrainingStarted
from traintab.training.listeners.csv_log import CsvLog
from traintab.training.record import RunRecord
from traintab.training.state import TrainingState

Make = Callable[..., TrainingState]
MakeRecord = Callable[..., RunRecord]


def record(make_record: MakeRecord, every: int = 1) -> RunRecord:
    return make_record(write_csv_every=every)


def started(step: int = 0) -> TrainingStarted:
    return TrainingStarted(step=step, total_steps=9, steps_per_epoch=3, num_images=5, run_dir=Path())


def step(number: int, loss: float | None = 0.25) -> StepCompleted:
    return StepCompleted(step=number, epoch=1, loss=loss, learning_rate=5e-3)


def table(run: RunRecord, state: TrainingState, *events: TrainingEvent) -> list[str]:
    listener = CsvLog(run, steps_per_epoch=3)
    for event in events:
        list(listener.hear(event, state))
    return run.folder.loss_table.read_text(encoding="utf-8").splitlines()


def test_a_row_has_step_epoch_loss_and_rate(make_record: MakeRecord, make_state: Make) -> None:
    rows = table(record(make_record), make_state(), started(), step(1), step(4, 0.1234567891))
    assert rows == [
        "step,epoch,epoch_step,loss,learn_rate",
        "1,0,0,0.2500000,0.005",
        "4,1,0,0.1234568,0.005",
    ]


@pytest.mark.option("write_csv_every")
def test_rows_are_written_every_n_steps(make_record: MakeRecord, make_state: Make) -> None:
    rows = table(record(make_record, every=4), make_state(), started(), *(step(n) for n in range(1, 10)))
    assert [row.split(",")[0] for row in rows] == ["step", "4", "8"]


def test_a_loss_that_was_not_read_back_is_left_empty(make_record: MakeRecord, make_state: Make) -> None:
    assert table(record(make_record), make_state(), started(), step(1, None))[-1] == "1,0,0,,0.005"


def test_resuming_cuts_the_table_back_to_where_it_goes_on(make_record: MakeRecord, make_state: Make) -> None:
    run, state = record(make_record), make_state()
    table(run, state, started(), *(step(n) for n in range(1, 6)))
    with run.folder.loss_table.open("a", encoding="utf-8") as stream:
        stream.write("6,2,")  # torn
    rows = table(run, state, started(3), step(4))
    assert [row.split(",")[0] for row in rows] == ["step", "1", "2", "3", "4"]


def test_a_lost_table_is_told_and_not_made_anew(make_record: MakeRecord, make_state: Make) -> None:
    run = record(make_record)
    table(run, make_state(), started())
    run.folder.loss_table.unlink()
    with pytest.raises(StorageError, match="bring the run's folder back"):
        table(run, make_state(), step(1))
    assert not run.folder.loss_table.exists()


@pytest.mark.parametrize(
    "spoiled", [b"\0" * 40 + b"6,2,0,0.1,0.005\n", b"\xff\xfe,,\n", b'6,"2,0,0.1\n', b"9" * 200_000 + b"\n"]
)
def test_what_a_power_failure_left_in_the_table_costs_no_other_row(
    make_record: MakeRecord, make_state: Make, spoiled: bytes
) -> None:
    run, state = record(make_record), make_state()
    table(run, state, started(), *(step(n) for n in range(1, 4)))
    with run.folder.loss_table.open("ab") as stream:
        stream.write(spoiled)
    rows = table(run, state, started(9))
    assert [row.split(",")[0] for row in rows] == ["step", "1", "2", "3"]
