"""What trainings measure of themselves."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from traintab.configs import TrainingConfig, replace_fields
from traintab.jobs import JobMemory
from traintab.measured_paces import MeasuredPaces, Stopwatch, pace_asked
from traintab.training.events import (
    Evaluated,
    PreviewSaved,
    StepCompleted,
    TrainingInterrupted,
    TrainingNotice,
    TrainingStarted,
)
from traintab.training.pace import Pace

CONFIG = replace_fields(TrainingConfig(embedding_name="zq", model="sd15"), {"batch_size": 4, "width": 512})
ASKED = pace_asked(CONFIG, 768)
STARTED = TrainingStarted(step=0, total_steps=9, steps_per_epoch=2, num_images=4, run_dir=Path())


def step(number: int) -> StepCompleted:
    return StepCompleted(step=number, epoch=1, loss=None, learning_rate=0.1)


class Run:
    """Events that take their time, by a clock of their own; who reads them takes some too."""

    def __init__(self, *events: tuple[object, float]) -> None:
        self.now = 0.0
        self.closed = False
        self._events = events

    def __iter__(self) -> Iterator[object]:
        try:
            for event, seconds in self._events:
                self.now += seconds
                yield event
        finally:
            self.closed = True

    def watched(self, reading: float = 100.0) -> Stopwatch:
        watch = Stopwatch(ASKED, clock=lambda: self.now)
        for _ in watch.follow(iter(self)):
            self.now += reading
        return watch


def test_only_the_training_s_own_time_counts() -> None:
    path = Path("a.png")
    run = Run(
        (TrainingNotice(message="Encoding."), 3.0),
        (STARTED, 1.0),
        *((step(number), 50.0) for number in (1, 2)),
        *((step(number), 0.5) for number in range(3, 9)),
        (PreviewSaved(step=8, path=path), 2.0),
        (PreviewSaved(step=8, path=path), 40.0),
        (PreviewSaved(step=8, path=path), 3.0),
        (Evaluated(step=8, loss=0.1, is_best=True), 0.25),
        (TrainingInterrupted(step=8, path=path), 9.0),
    )
    found = run.watched().result(JobMemory(used=5, total=100, peak=70))
    assert found == dataclasses.replace(
        ASKED,
        seconds_per_step=0.5,
        seconds_per_preview=3.0,
        seconds_per_evaluation=0.25,
        seconds_before=4.0,
        peak_memory=70,
        total_memory=100,
    )


def test_what_is_known_is_known_of_the_batches_that_there_were() -> None:
    started = dataclasses.replace(STARTED, batch_size=3, accumulation=1)
    found = Run((started, 1.0), *((step(number), 0.5) for number in range(1, 9))).watched().result()
    assert found is not None and (ASKED.batch_size, found.batch_size, found.accumulation) == (4, 3, 1)


def test_a_few_steps_tell_nothing() -> None:
    assert Run((STARTED, 1.0), *((step(n), 1.0) for n in range(1, 7))).watched().result() is None


def test_a_run_that_is_given_up_is_closed() -> None:
    run = Run((STARTED, 1.0), (step(1), 1.0))
    following = Stopwatch(ASKED).follow(iter(run))
    next(following)
    following.close()
    assert run.closed


def test_sizes_left_open_are_the_model_s_own() -> None:
    assert (ASKED.width, ASKED.height, ASKED.batch_size) == (512, 768, 4)
    assert (ASKED.device, ASKED.precision) == ("", "")


@pytest.fixture
def paces(tmp_path: Path) -> MeasuredPaces:
    return MeasuredPaces(tmp_path / "cache")


def test_what_is_noted_is_known_and_the_newest_of_the_same_settings_stays(
    paces: MeasuredPaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = dataclasses.replace(ASKED, seconds_per_step=1.0), dataclasses.replace(ASKED, device="cuda")
    assert paces.known() == []
    paces.note(first)
    paces.note(other)
    paces.note(dataclasses.replace(first, seconds_per_step=2.0))
    assert [pace.seconds_per_step for pace in paces.known()] == [0.0, 2.0]
    monkeypatch.setattr("traintab.measured_paces._KEPT", 3)
    for number in range(5):
        paces.note(dataclasses.replace(ASKED, batch_size=number + 5))
    assert [pace.batch_size for pace in paces.known()] == [7, 8, 9]


@pytest.mark.parametrize(
    "text", ["", "{", "[1, null]", '{"model": 1}', "\ud800", '[{"model": "sd15"}]', "[NaN]"]
)
def test_a_broken_file_counts_as_none(paces: MeasuredPaces, tmp_path: Path, text: str) -> None:
    file = tmp_path / "cache" / "paces.json"
    file.parent.mkdir()
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert paces.known() == []
    paces.note(ASKED)
    assert paces.known() == [ASKED]


@pytest.mark.parametrize(
    "bad", [{"width": -1}, {"width": "512"}, {"batch_size": True}, {"peak_memory": 1.5}, {"device": None}]
)
def test_a_row_that_is_out_of_the_way_is_left_out(
    paces: MeasuredPaces, tmp_path: Path, bad: dict[str, object]
) -> None:
    paces.note(ASKED)
    file = tmp_path / "cache" / "paces.json"
    rows = json.loads(file.read_text())
    file.write_text(json.dumps([{**rows[0], **bad}, *rows]))
    assert paces.known() == [ASKED]


def test_a_disk_that_takes_nothing_ends_no_training(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    MeasuredPaces(tmp_path / "cache").note(Pace(**dataclasses.asdict(ASKED)))
    assert MeasuredPaces(tmp_path / "cache").known() == []
