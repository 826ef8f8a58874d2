from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from traintab.errors import BusyError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.model_slot import ModelStatus
from traintab.ui.job_parts import parts
from traintab.ui.job_view import _version, pressed, view

MODEL = ModelStatus(spec="demo")
RUNNING = JobSnapshot(kind="train", title="Training of mira", status=JobStatus.RUNNING, step=1, total_steps=9)
NAMES = list(parts(RUNNING, MODEL))
BUTTONS = ("interrupt", "resume", "sample", "save")


def is_skipped(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"__type__"}


def test_the_first_look_shows_everything(studio: Any) -> None:
    studio.job = RUNNING
    seen, *values = view(studio)({})
    skipped = {name for name, value in zip(NAMES, values, strict=True) if is_skipped(value)}
    assert skipped == {"train_said"}
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


def test_the_previews_are_looked_for_when_the_job_has_new_ones_and_not_before(studio: Any) -> None:
    run = studio.paths.log_dir / "2026-01-01" / "mira"
    studio.job = replace(RUNNING, folder=str(run))
    look = view(studio)
    seen, *_ = look({})
    picture = run / "images" / "mira-5.png"
    picture.parent.mkdir(parents=True)
    (run / "state").mkdir()
    (run / "state" / "status.json").write_text('{"embedding_name": "mira", "status": "unfinished"}')
    Image.new("RGB", (8, 8)).save(picture)
    studio.job = replace(studio.job, step=5)
    seen, *values = look(seen)
    assert is_skipped(values[NAMES.index("previews")])
    studio.job = replace(studio.job, images=((str(picture), "step 5"),))
    _, *values = look(seen)
    assert "mira-5.png" in values[NAMES.index("previews")]


class OpenPage:
    """What a page shows that looks at the job when the pulse finds another version, and only then."""

    def __init__(self, studio: Any, look: Any) -> None:
        self._studio, self._look = studio, look
        self._version: object = None
        self._seen: dict[str, str] = {}
        self.shown: dict[str, Any] = {}

    def ask(self) -> None:
        if _version(self._studio) != self._version:
            self._version = _version(self._studio)
            seen, *values = self._look(self._seen)
            self._seen = self._seen if is_skipped(seen) else seen
            told = zip(NAMES, values, strict=True)
            self.shown |= {name: value for name, value in told if not is_skipped(value)}


@pytest.mark.parametrize("status", [JobStatus.FINISHED, JobStatus.INTERRUPTED, JobStatus.FAILED])
def test_every_open_page_comes_to_the_state_in_which_the_job_ended(
    studio: Any, status: JobStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("traintab.ui.job_plot.time.monotonic", lambda: now[0])
    look = view(studio)
    pages = [OpenPage(studio, look) for _ in range(3)]
    for revision in range(1, 6):
        losses = tuple((step, 1 / step) for step in range(1, revision + 1))
        studio.job = replace(RUNNING, id="1", step=revision, losses=losses, revision=revision)
        pages[revision % 2].ask()
        now[0] += 0.4
    studio.job = replace(
        studio.job, status=status, losses=(*studio.job.losses, (6, 0.9)), step=6, revision=7, resumable=True,
        message="It has ended.", log=("2026-01-31 12:00:00 Ended.",), folder="log/mira",
    )  # fmt: skip
    for page in pages:
        page.ask()
        now[0] += 0.4
        ended = parts(studio.job, MODEL)
        followed = {name: page.shown[name] for name in NAMES if name != "previews"}
        assert followed == {name: ended[name] for name in followed}
        assert "to 6, now" in page.shown["plot"]


def test_preprocessing_has_no_curve() -> None:
    assert parts(replace(RUNNING, kind="preprocess"), MODEL)["plot"] == ""


def said(studio: Any, kind: str, seen: dict[str, str]) -> tuple[dict[str, str], Any]:
    seen_now, *values = view(studio)(seen)
    return seen_now, values[NAMES.index(f"{kind}_said")]


def test_what_a_panel_said_at_the_start_stays_until_its_job_has_ended(studio: Any) -> None:
    studio.job = replace(RUNNING, id="1")
    seen, value = said(studio, "train", {})
    assert is_skipped(value)
    studio.job = replace(RUNNING, id="1", status=JobStatus.FINISHED)
    assert said(studio, "train", seen)[1] == ""


def test_what_was_wrong_with_preprocessing_goes_when_a_training_begins(studio: Any) -> None:
    studio.job = replace(RUNNING, id="1", kind="preprocess", status=JobStatus.FINISHED)
    seen, _ = said(studio, "preprocess", {})
    studio.job = replace(RUNNING, id="2")
    assert said(studio, "preprocess", seen)[1] == ""


def test_notes_stay_in_sight_the_newest_first() -> None:
    found = parts(replace(RUNNING, notes=("Two are the <same>.", "One is empty.")), MODEL)["notes"]
    assert found.index("One is empty.") < found.index("Two are the &lt;same&gt;.")
    assert parts(RUNNING, MODEL)["notes"] == ""


def test_a_refused_resume_is_told(studio: Any) -> None:
    studio.error = BusyError("Another run holds it.")
    (message,) = pressed(studio.resume)()
    assert "Another run holds it." in message
