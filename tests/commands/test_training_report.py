"""A run's events as lines that people read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from traintab.commands import progress
from traintab.commands.output import Output
from traintab.commands.training_report import TrainingReport
from traintab.training.events import TrainingNotice, TrainingStarted


def encoding(count: int) -> list[TrainingNotice]:
    return [
        TrainingNotice(message=f"Encoding pictures: {done} of {count}", fraction=done / count)
        for done in range(count + 1)
    ]


def started() -> TrainingStarted:
    return TrainingStarted(step=0, total_steps=9, steps_per_epoch=1, num_images=1, run_dir=Path("run"))


def test_a_thousand_pictures_are_not_a_thousand_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingReport(Output()) as report:
        for event in (TrainingNotice(message="An advice."), *encoding(1000), started()):
            report.add(event)
    assert capsys.readouterr().out.splitlines() == [
        "An advice.",
        "Encoding pictures: 1000 of 1000",
        "Training on 1 pictures.",
        "Log directory: run",
    ]


def test_on_a_terminal_the_line_is_kept_current(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_UPDATES", 0.0)
    with TrainingReport(Output()) as report:
        for event in (*encoding(2), started()):
            report.add(event)
    said = capsys.readouterr().out
    assert said.startswith(
        "\rEncoding pictures: 0 of 2\rEncoding pictures: 1 of 2\rEncoding pictures: 2 of 2\n"
    )


def test_a_stop_in_the_middle_ends_the_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_UPDATES", 0.0)
    with TrainingReport(Output()) as report:
        report.add(encoding(2)[1])
    assert capsys.readouterr().out == "\rEncoding pictures: 1 of 2\n"


def test_programs_get_answers_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingReport(Output(as_json=True)) as report:
        for event in (*encoding(2), started()):
            report.add(event)
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert "Encoding pictures: 2 of 2" in said.err
