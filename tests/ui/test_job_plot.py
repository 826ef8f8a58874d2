from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import traintab.ui.job_plot
from traintab.jobs import JobSnapshot, JobStatus
from traintab.ui.job_plot import KeptPlot, job_plot

RUNNING = JobSnapshot(
    id="1",
    kind="train",
    status=JobStatus.RUNNING,
    step=2,
    losses=((1, 0.5), (2, 0.4)),
    evaluations=((0, 0.5), (2, 0.4)),
    rates=((1, 0.005),),
    marks=((2, "saved"),),
)
FURTHER = replace(RUNNING, step=3, losses=(*RUNNING.losses, (3, 0.3)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is, in seconds."""
    now = [100.0]
    monkeypatch.setattr(traintab.ui.job_plot.time, "monotonic", lambda: now[0])
    return now


def test_the_plot_shows_all_that_a_training_tells() -> None:
    found = job_plot(RUNNING)
    for shown in ("loss-raw", "loss-evaluation", "rate-line", "mark-saved"):
        assert f"traintab-{shown}" in found
    assert job_plot(replace(RUNNING, kind="preprocess")) == ""


def test_what_stopped_by_itself_leaves_no_room_for_steps_to_come() -> None:
    running = replace(RUNNING, total_steps=100)
    assert "100</text>" in job_plot(running)
    assert "100</text>" not in job_plot(replace(running, status=JobStatus.FINISHED))


def test_a_further_step_is_drawn_after_two_seconds(clock: list[float]) -> None:
    plot = KeptPlot()
    first = plot(RUNNING)
    clock[0] += 1.9
    assert plot(FURTHER) == first
    clock[0] += 0.2
    assert plot(FURTHER) == job_plot(FURTHER) != first


@pytest.mark.parametrize(
    "change",
    [
        {"status": JobStatus.FINISHED},
        {"id": "2"},
        {"evaluations": ((0, 0.5), (2, 0.4), (3, 0.35))},
        {"marks": ((2, "saved"), (3, "preview"))},
        {"best_step": 2},
    ],
)
def test_what_is_more_than_a_step_is_drawn_at_once(clock: list[float], change: dict[str, Any]) -> None:
    plot = KeptPlot()
    plot(RUNNING)
    now = replace(FURTHER, **change)
    assert plot(now) == job_plot(now)
