"""Wishes for whichever training runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.drawing import InTraining
from traintab.errors import NothingToDoError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.training.events import TrainingStarted
from traintab.training.requests import Requests, Wanted
from traintab.training_requests import TrainingRequests

TRAINING = JobSnapshot(kind="train", title="Training of mira", status=JobStatus.RUNNING)


def started(requests: Requests) -> TrainingStarted:
    return TrainingStarted(
        step=0, total_steps=2, steps_per_epoch=1, num_images=1, run_dir=Path(), requests=requests
    )


@pytest.mark.parametrize(
    ("job", "told"),
    [
        (JobSnapshot(), "no training runs now"),
        (JobSnapshot(kind="train", status=JobStatus.FINISHED), "no training runs now"),
        (
            JobSnapshot(kind="preprocess", title="Preprocessing of in", status=JobStatus.RUNNING),
            "Preprocessing of in is running, not a training",
        ),
        (TRAINING, "Training of mira is still being prepared"),
    ],
)
def test_while_nothing_is_trained_both_say_why_not(job: JobSnapshot, told: str) -> None:
    wishes = TrainingRequests(InTraining(), lambda: job, lambda: None)
    with pytest.raises(NothingToDoError, match=f"Sample now: {told}"):
        wishes.sample()
    with pytest.raises(NothingToDoError, match=f"Save now: {told}"):
        wishes.save()


def test_the_running_training_is_asked_and_a_saved_file_is_told_of() -> None:
    requests, in_training, changes = Requests(), InTraining(), list[str]()
    wishes = TrainingRequests(in_training, lambda: TRAINING, lambda: changes.append("changed"))
    events = in_training.follow([started(requests)])
    next(events)
    sampled, saved = wishes.sample(), wishes.save()
    for wanted in (Wanted.SAMPLE, Wanted.SAVE):
        request = requests.take()
        assert request is not None and request.wanted is wanted and changes == []
        request.done.set_result([Path(wanted.name)])
    assert (sampled.result(), saved.result()) == ([Path("SAMPLE")], [Path("SAVE")])
    assert changes == ["changed"]


def test_after_the_run_there_is_no_training_to_ask() -> None:
    in_training = InTraining()
    assert list(in_training.follow([started(Requests())])) and in_training.requests is None
