"""States are saved now and then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.errors import NonFiniteError
from traintab.training.events import StepCompleted, TrainingStarted
from traintab.training.listeners.states import States
from traintab.training.record import RunRecord
from traintab.training.state import TrainingState
from traintab.training.state_files import state_paths

Make = Callable[..., TrainingState]
MakeRecord = Callable[..., RunRecord]


@pytest.fixture
def record(make_record: MakeRecord) -> RunRecord:
    return make_record(save_every=5)


def names(record: RunRecord) -> list[str]:
    return [path.name for path in state_paths(record.folder)]


def started() -> TrainingStarted:
    return TrainingStarted(step=0, total_steps=9, steps_per_epoch=2, num_images=5, run_dir=Path())


def step(state: TrainingState, number: int) -> StepCompleted:
    state.step = number
    return StepCompleted(step=number, epoch=1, loss=0.1, learning_rate=0.1)


def test_the_start_is_saved_and_the_run_marked(record: RunRecord, make_state: Make) -> None:
    list(States(record).hear(started(), make_state()))
    assert names(record) == ["state-0.pt"]
    assert record.folder.is_unfinished


def test_states_go_with_the_copies(record: RunRecord, make_state: Make) -> None:
    listener, state = States(record, clock=lambda: 0.0), make_state()
    for number in range(1, 12):
        list(listener.hear(step(state, number), state))
    assert names(record) == ["state-10.pt", "state-5.pt"]


def test_a_slow_run_is_saved_every_ten_seconds(record: RunRecord, make_state: Make) -> None:
    times = iter([0.0, 9.0, 12.0, 12.0, 13.0])
    listener, state = States(record, clock=lambda: next(times)), make_state()
    saved: list[Any] = []
    for number in (1, 2, 3):
        list(listener.hear(step(state, number), state))
        saved.append(names(record))
    assert saved == [[], ["state-2.pt"], ["state-2.pt"]]


def test_vectors_gone_bad_are_not_saved(record: RunRecord, make_state: Make) -> None:
    state = make_state()
    with torch.no_grad():
        state.vectors["clip_l"].fill_(float("nan"))
    with pytest.raises(NonFiniteError):
        list(States(record).hear(step(state, 5), state))
    assert names(record) == []


def test_a_failure_does_not_go_back_behind_what_is_saved(record: RunRecord, make_state: Make) -> None:
    state = make_state()
    list(States(record, clock=lambda: 0.0).hear(step(state, 5), state))
    state.step = 7
    state.return_to_last_good()
    assert state.step == 5


def test_what_a_killed_process_left_half_written_is_cleared_at_the_start(
    record: RunRecord, make_state: Make
) -> None:
    old, new = (record.target.parent / f".cat.pt.abcd{number}.tmp" for number in ("1234", "5678"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    list(States(record).hear(started(), make_state()))
    assert not old.exists()
    assert new.exists(), "somebody else may just be writing it"


def test_a_state_is_kept_as_long_as_its_copy_is(record: RunRecord, make_state: Make) -> None:
    listener, state = States(record, clock=lambda: 0.0), make_state()
    copy = record.folder.checkpoint(5)
    copy.parent.mkdir()
    copy.write_bytes(b"")
    for number in range(1, 21):
        list(listener.hear(step(state, number), state))
    assert names(record) == ["state-20.pt", "state-15.pt", "state-5.pt"]
    copy.unlink()
    for number in range(21, 26):
        list(listener.hear(step(state, number), state))
    assert names(record) == ["state-25.pt", "state-20.pt"]
