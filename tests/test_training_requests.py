"""Wishes for whichever training runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
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


@contextlib.contextmanager
def running(changed: Callable[[], None]) -> Iterator[tuple[TrainingRequests, Requests]]:
    """A training in progress, and what takes its wishes."""
    requests, in_training = Requests(), InTraining()
    with contextlib.closing(in_training.follow([started(requests)])) as events:
        next(events)
        yield TrainingRequests(in_training, lambda: TRAINING, changed), requests


def served(requests: Requests, answer: list[Path] | Exception) -> None:
    """Serve the next wish."""
    request = requests.take()
    assert request is not None
    if isinstance(answer, Exception):
        request.done.set_exception(answer)
    else:
        request.done.set_result(answer)


def test_whoever_waits_for_a_copy_is_answered_when_the_change_is_known_everywhere() -> None:
    known: list[bool] = []
    with running(lambda: known.append(saved.done())) as (wishes, requests):
        saved = wishes.save()
        served(requests, [Path("a.pt")])
    assert known == [False] and saved.result() == [Path("a.pt")]


def test_a_copy_that_fails_changes_nothing_and_one_nobody_waits_for_is_saved_all_the_same() -> None:
    changes: list[str] = []
    with running(lambda: changes.append("changed")) as (wishes, requests):
        failed = wishes.save()
        served(requests, NothingToDoError("No."))
        assert isinstance(failed.exception(), NothingToDoError) and changes == []
        wishes.save().cancel()
        served(requests, [])
    assert changes == ["changed"]


def test_after_the_run_there_is_no_training_to_ask() -> None:
    in_training = InTraining()
    assert list(in_training.follow([started(Requests())])) and in_training.requests is None
