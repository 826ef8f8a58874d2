import json

import pytest

from traintab.answers import error_answer, job_answer
from traintab.jobs import JobSnapshot, JobStatus


@pytest.mark.parametrize(
    ("status", "loss", "event"),
    [
        (JobStatus.RUNNING, None, "training_started"),
        (JobStatus.RUNNING, 0.5, "step_completed"),
        (JobStatus.INTERRUPTED, 0.5, "training_interrupted"),
        (JobStatus.FINISHED, 0.5, "training_finished"),
        (JobStatus.FAILED, 0.5, "error"),
        (JobStatus.IDLE, None, "idle"),
    ],
)
def test_a_job_is_answered_as_the_event_it_has_come_to(
    status: JobStatus, loss: float | None, event: str
) -> None:
    job = JobSnapshot(kind="train", status=status, loss=loss)
    assert job_answer(job)["event"] == event


def test_preprocessing_has_events_of_its_own() -> None:
    job = JobSnapshot(kind="preprocess", status=JobStatus.FINISHED)
    assert job_answer(job)["event"] == "preprocess_finished"


def test_numbers_that_are_not_finite_become_null() -> None:
    answer = job_answer(JobSnapshot(status=JobStatus.RUNNING, step=3, loss=float("nan")))
    assert answer["loss"] is None and answer["step"] == 3
    json.dumps(answer, allow_nan=False)


def test_the_newest_evaluation_and_the_best_step_are_told() -> None:
    job = JobSnapshot(kind="train", evaluations=((0, 0.5), (25, 0.25), (50, 0.375)), best_step=25)
    answer = job_answer(job)
    assert (answer["evaluation_loss"], answer["best_step"]) == (0.375, 25)
    assert job_answer(JobSnapshot())["evaluation_loss"] is None


def test_a_failed_job_answers_with_its_sentence() -> None:
    job = JobSnapshot(status=JobStatus.FAILED, error="The folder is gone.", message="Saved.")
    assert job_answer(job)["message"] == "The folder is gone."
    assert error_answer("No.") == {"event": "error", "message": "No."}
