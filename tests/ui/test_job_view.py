from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.errors import BusyError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.model_slot import ModelStatus
from traintab.ui.job_parts import parts
from traintab.ui.job_view import pressed, view

MODEL = ModelStatus(spec="demo")
RUNNING = JobSnapshot(kind="train", title="Training of mira", status=JobStatus.RUNNING, step=1, total_steps=9)
NAMES = list(parts(RUNNING, MODEL))
BUTTONS = ("interrupt", "resume", "sample", "save")


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


def test_every_open_page_shows_the_model_that_is_used_now(studio: Any) -> None:
    look = view(studio)
    seen, *values = look({})
    assert values[NAMES.index("model_picker")]["value"] == "demo"
    studio.select_model("sd15")
    _, *values = look(seen)
    changed = [name for name, value in zip(NAMES, values, strict=True) if not is_skipped(value)]
    assert changed == ["model_status", "model_picker"]
    assert values[NAMES.index("model_picker")]["value"] == "sd15"


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


def pictures(folder: Path, count: int) -> tuple[tuple[str, str], ...]:
    folder.mkdir(exist_ok=True)
    for step in range(count):
        Image.new("RGB", (512, 300)).save(folder / f"{step}.png")
    return tuple((str(folder / f"{step}.png"), f"step {step}") for step in range(count))


def gallery(studio: Any) -> dict[str, Any]:
    return view(studio)({})[1 + NAMES.index("gallery")]


def test_the_newest_previews_come_first_and_lost_files_are_left_out(studio: Any) -> None:
    studio.job = replace(RUNNING, images=pictures(studio.paths.log_dir, 20))
    (studio.paths.log_dir / "19.png").unlink()
    found = gallery(studio)
    assert [caption for _, caption in found["value"]][:2] == ["step 18", "step 17"]
    assert found["value"][0][0] == str(studio.paths.log_dir / "18.png") and len(found["value"]) == 11


def test_pictures_from_elsewhere_are_sent_small(studio: Any, tmp_path: Path) -> None:
    studio.job = replace(RUNNING, kind="preprocess", images=pictures(tmp_path / "out", 2))
    (tmp_path / "out" / "0.png").write_bytes(b"broken")
    ((picture, _),) = gallery(studio)["value"]
    assert picture.size == (256, 150)


def test_preprocessing_has_no_curve_and_its_pictures_another_name() -> None:
    found = parts(replace(RUNNING, kind="preprocess"), MODEL)
    assert found["plot"] == "" and found["gallery"]["label"] == "Training pictures"


def test_training_pictures_are_called_by_their_numbers() -> None:
    job = replace(RUNNING, kind="preprocess", images=(("out/00013-0-a-b.png", "00013-0-a-b.png"),))
    assert parts(job, MODEL)["gallery"]["value"] == [("out/00013-0-a-b.png", "00013-0")]


def test_notes_stay_in_sight_the_newest_first() -> None:
    found = parts(replace(RUNNING, notes=("Two are the <same>.", "One is empty.")), MODEL)["notes"]
    assert found.index("One is empty.") < found.index("Two are the &lt;same&gt;.")
    assert parts(RUNNING, MODEL)["notes"] == ""


def test_a_refused_resume_is_told(studio: Any) -> None:
    studio.error = BusyError("Another run holds it.")
    (message,) = pressed(studio.resume)()
    assert "Another run holds it." in message
