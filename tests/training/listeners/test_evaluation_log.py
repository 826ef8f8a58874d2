"""The table of evaluations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.errors import StorageError
from traintab.training.evaluation import EvaluationHistory
from traintab.training.events import Evaluated, TrainingStarted
from traintab.training.listeners.evaluation_log import EvaluationLog
from traintab.training.record import RunRecord
from traintab.training.state import TrainingState

Make = Callable[..., TrainingState]
MakeRecord = Callable[..., RunRecord]
STARTED = TrainingStarted(step=0, total_steps=9, steps_per_epoch=3, num_images=5, run_dir=Path())


@pytest.fixture
def record(make_record: MakeRecord) -> RunRecord:
    return make_record(automatic_stop_window=3)


def rows(record: RunRecord) -> list[str]:
    return record.folder.evaluation_table.read_text(encoding="utf-8").splitlines()


def evaluated(step: int, loss: float, share: float | None = None) -> Evaluated:
    return Evaluated(step=step, loss=loss, is_best=False, variance_share=share)


def test_a_row_has_step_loss_and_share(record: RunRecord, make_state: Make) -> None:
    log, state = EvaluationLog(record, EvaluationHistory("a set")), make_state()
    for event in (STARTED, evaluated(0, 0.5), evaluated(25, 0.1234567891234, 0.25)):
        assert list(log.hear(event, state)) == []
    assert rows(record) == ["step,loss,variance_share", "0,0.500000000,", "25,0.123456789,0.250000"]


def test_a_resumed_run_has_the_rows_of_its_history_and_no_others(record: RunRecord, make_state: Make) -> None:
    history, state = EvaluationHistory("a set"), make_state()
    EvaluationLog(record, history).hear(STARTED, state)
    with record.folder.evaluation_table.open("a", encoding="utf-8") as stream:
        stream.write("25,0.9,\n50,0.8,\n75,0.")  # of steps that a killed process took after its last save
    for step, loss in ((0, 1.0), (25, 0.5), (50, 0.5), (75, 0.5)):
        state.step = step
        history.add(loss, state)
    EvaluationLog(record, history).hear(STARTED, state)
    assert rows(record)[1:] == [
        "0,1.000000000,",
        "25,0.500000000,",
        "50,0.500000000,",
        "75,0.500000000,0.000000",
    ]


def test_a_lost_table_is_told_and_not_made_anew(record: RunRecord, make_state: Make) -> None:
    log, state = EvaluationLog(record, EvaluationHistory("a set")), make_state()
    log.hear(STARTED, state)
    record.folder.evaluation_table.unlink()
    with pytest.raises(StorageError, match=r"Writing the evaluation to .* bring the run's folder back"):
        log.hear(evaluated(25, 0.5), state)
    assert not record.folder.evaluation_table.exists()
