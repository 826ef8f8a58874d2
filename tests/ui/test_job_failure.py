from __future__ import annotations

from dataclasses import replace

import pytest

from traintab.jobs import Failure, JobSnapshot, JobStatus
from traintab.ui.job_failure import failure_html

FAILED = JobSnapshot(
    kind="train",
    title="Training of mira",
    status=JobStatus.FAILED,
    step=120,
    resumable=True,
    error="It failed.",
    folder="log/<mira>",
)


@pytest.mark.parametrize("failure", [failure for failure in Failure if failure])
def test_every_failure_of_a_training_has_advice_that_can_be_followed(failure: Failure) -> None:
    found = failure_html(replace(FAILED, failure=failure))
    assert "What you can do" in found and found.count("<li>") >= 1
    assert "step 120 was reached" in found and "log/&lt;mira&gt;" in found


@pytest.mark.parametrize(
    ("failure", "advice"),
    [
        (Failure.MEMORY, "Gradient checkpointing"),
        (Failure.NOT_FINITE, "Lower Embedding Learning rate"),
        (Failure.DISK_FULL, "Free some disk space"),
        (Failure.FOLDER_LOST, "Bring the run&#x27;s folder back"),
        (Failure.MODEL, "Choose a model that can be loaded"),
    ],
)
def test_the_advice_is_about_what_failed(failure: Failure, advice: str) -> None:
    told = {kind: failure_html(replace(FAILED, failure=kind)) for kind in Failure if kind}
    assert advice in told[failure]
    assert sum(advice in text for text in told.values()) == 1


@pytest.mark.parametrize("failure", [failure for failure in Failure if failure])
def test_what_cannot_be_resumed_is_not_said_to_be(failure: Failure) -> None:
    told = failure_html(replace(FAILED, failure=failure, resumable=False))
    assert "Resume" not in told and "step 120" not in told


def test_an_unforeseen_failure_says_where_its_traceback_is() -> None:
    told = failure_html(replace(FAILED, failure=Failure.UNFORESEEN, error_file="jobs/1-error.txt"))
    assert "jobs/1-error.txt" in told and "jobs/1-error.txt" not in failure_html(FAILED)


def test_preprocessing_goes_on_by_its_own_button() -> None:
    for failure in (kind for kind in Failure if kind):
        told = failure_html(replace(FAILED, kind="preprocess", failure=failure, resumable=False))
        assert "press Preprocess again" in told.replace("Press", "press") and "Embedding" not in told


@pytest.mark.parametrize("status", [status for status in JobStatus if status is not JobStatus.FAILED])
def test_a_job_that_did_not_fail_needs_no_advice(status: JobStatus) -> None:
    assert failure_html(replace(FAILED, status=status)) == ""
