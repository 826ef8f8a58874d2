from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.errors import BusyError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.model_slot import ModelStatus
from traintab.ui.job_view import parts, view

MODEL = ModelStatus(spec="demo")
RUNNING = JobSnapshot(kind="train", title="Training of mira", status=JobStatus.RUNNING, step=1, total_steps=9)
NAMES = list(parts(RUNNING, MODEL))


def is_skipped(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"__type__"}


def test_the_first_look_shows_everything(studio: Any) -> None:
    studio.job = RUNNING
    seen, *values = view(studio)({})
    assert len(values) == len(NAMES) and not any(map(is_skipped, values))
    assert set(seen) == set(NAMES)


def test_a_second_look_at_the_same_job_changes_nothing(studio: Any) -> None:
    studio.job = RUNNING
    look = view(studio)
    seen, *_ = look({})
    assert all(map(is_skipped, look(seen)))


def test_only_what_changed_is_sent(studio: Any) -> None:
    studio.job = RUNNING
    look = view(studio)
    seen, *_ = look({})
    studio.job = replace(RUNNING, message="Saved step 1.")
    _, *values = look(seen)
    changed = [name for name, value in zip(NAMES, values, strict=True) if not is_skipped(value)]
    assert changed == ["message"]


@pytest.mark.parametrize(
    ("status", "resumable", "interrupt", "resume"),
    [
        (JobStatus.RUNNING, True, True, False),
        (JobStatus.STOPPING, True, False, False),
        (JobStatus.INTERRUPTED, True, False, True),
        (JobStatus.FINISHED, False, False, False),
        (JobStatus.FAILED, True, False, True),
    ],
)
def test_buttons_can_be_pressed_when_they_make_sense(
    status: JobStatus, resumable: bool, interrupt: bool, resume: bool
) -> None:
    found = parts(replace(RUNNING, status=status, resumable=resumable), MODEL)
    assert found["interrupt"]["interactive"] is interrupt
    assert found["resume"]["interactive"] is resume


def test_an_error_takes_the_place_of_the_last_message() -> None:
    found = parts(replace(RUNNING, message="Saved.", error="The disk is full."), MODEL)["message"]
    assert "The disk is full." in found and "traintab-failed" in found


def test_the_newest_previews_come_first_and_lost_files_are_left_out(tmp_path: Path) -> None:
    images = []
    for step in range(20):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{step}.png")
        images.append((str(tmp_path / f"{step}.png"), f"step {step}"))
    (tmp_path / "19.png").unlink()
    found = parts(replace(RUNNING, images=tuple(images)), MODEL)["gallery"]
    assert [caption for _, caption in found["value"]][:2] == ["step 18", "step 17"]
    assert len(found["value"]) == 12


def test_preprocessing_shows_its_pictures_and_no_curve(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    job = replace(RUNNING, kind="preprocess", images=((str(tmp_path / "a.png"), "a.png"),))
    found = parts(job, MODEL)
    assert found["plot"] == "" and found["gallery"]["value"] == [str(tmp_path / "a.png")]


def test_a_refused_resume_is_told(studio: Any) -> None:
    from traintab.ui.job_view import pressed

    studio.error = BusyError("Another run holds it.")
    (message,) = pressed(studio.resume)()
    assert "Another run holds it." in message
