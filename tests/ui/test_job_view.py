from dataclasses import replace
from typing import Any

import pytest

from traintab.errors import BusyError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.model_slot import ModelStatus
from traintab.ui.job_parts import parts
from traintab.ui.job_view import pressed

MODEL = ModelStatus(spec="demo")
RUNNING = JobSnapshot(kind="train", title="Training of mira", status=JobStatus.RUNNING, step=1, total_steps=9)
BUTTONS = ("interrupt", "resume", "sample", "save")


@pytest.mark.parametrize(
    ("status", "resumable", "pressable"),
    [
        (JobStatus.RUNNING, True, {"interrupt", "sample", "save"}),
        (JobStatus.STOPPING, True, set()),
        (JobStatus.INTERRUPTED, True, {"resume"}),
        (JobStatus.FINISHED, False, set()),
        (JobStatus.FAILED, True, {"resume"}),
    ],
)
def test_buttons_can_be_pressed_when_they_make_sense(
    status: JobStatus, resumable: bool, pressable: set[str]
) -> None:
    found = parts(replace(RUNNING, status=status, resumable=resumable), MODEL)
    assert {name for name in BUTTONS if found[name]["interactive"]} == pressable


def test_before_steps_are_counted_there_is_nothing_to_sample_or_save() -> None:
    for job in (replace(RUNNING, total_steps=0), replace(RUNNING, kind="preprocess")):
        found = parts(job, MODEL)
        assert {name for name in BUTTONS if found[name]["interactive"]} == {"interrupt"}


def test_an_error_takes_the_place_of_the_last_message() -> None:
    found = parts(replace(RUNNING, message="Saved.", error="The disk is full."), MODEL)["message"]
    assert "The disk is full." in found and "traintab-failed" in found


def test_preprocessing_has_no_curve() -> None:
    assert parts(replace(RUNNING, kind="preprocess"), MODEL)["plot"] == ""


def test_notes_stay_in_sight_the_newest_first() -> None:
    found = parts(replace(RUNNING, notes=("Two are the <same>.", "One is empty.")), MODEL)["notes"]
    assert found.index("One is empty.") < found.index("Two are the &lt;same&gt;.")
    assert parts(RUNNING, MODEL)["notes"] == ""


def test_a_refused_resume_is_told(studio: Any) -> None:
    studio.error = BusyError("Another run holds it.")
    (message,) = pressed(studio.resume)()
    assert "Another run holds it." in message
