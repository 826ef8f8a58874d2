"""All pages are told the same of a job, worked out once, and each comes to the state in which it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from traintab.jobs import JobSnapshot, JobStatus
from traintab.model_slot import ModelStatus
from traintab.ui import shown_job
from traintab.ui.gradio_compat import skip
from traintab.ui.job_parts import parts
from traintab.ui.shown_job import ShownJob

MODEL = ModelStatus(spec="demo")
RUNNING = JobSnapshot(kind="train", title="Training of mira", status=JobStatus.RUNNING, step=1, total_steps=9)
NAMES = list(parts(RUNNING, MODEL))


class OpenPage:
    """A page that takes of what is shown the parts whose version it doesn't have."""

    def __init__(self, shown: ShownJob) -> None:
        self._look = shown
        self._versions: dict[str, str] = {}
        self.shown: dict[str, Any] = {}

    def ask(self) -> list[str]:
        """The names of the parts that were new."""
        found = dict(zip(NAMES, self._look(), strict=True))
        new = [name for name, part in found.items() if repr(part.version) != self._versions.get(name)]
        self._versions = {name: repr(part.version) for name, part in found.items()}
        self.shown |= {name: found[name].value() for name in new}
        return new


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("traintab.ui.shown_job.time.monotonic", lambda: now[0])
    return now


def test_the_first_look_shows_everything(studio: Any) -> None:
    studio.job = RUNNING
    assert OpenPage(ShownJob(studio)).ask() == NAMES


def test_only_what_changed_is_sent(studio: Any, clock: list[float]) -> None:
    studio.job = RUNNING
    page = OpenPage(ShownJob(studio))
    page.ask()
    assert page.ask() == []
    studio.job = replace(RUNNING, message="Saved step 1.", revision=1)
    clock[0] += 2
    assert page.ask() == ["message"]


def test_every_open_page_shows_the_model_that_is_used_now(studio: Any) -> None:
    page = OpenPage(ShownJob(studio))
    page.ask()
    assert page.shown["model_picker"]["value"] == "demo"
    studio.select_model("sd15")
    assert page.ask() == ["model_status", "model_picker"]
    assert page.shown["model_picker"]["value"] == "sd15"


def test_the_previews_are_looked_for_when_the_job_has_new_ones_and_not_before(
    studio: Any, clock: list[float]
) -> None:
    run = studio.paths.log_dir / "2026-01-01" / "mira"
    studio.job = replace(RUNNING, folder=str(run))
    page = OpenPage(ShownJob(studio))
    page.ask()
    picture = run / "images" / "mira-5.png"
    picture.parent.mkdir(parents=True)
    (run / "state").mkdir()
    (run / "state" / "status.json").write_text('{"embedding_name": "mira", "status": "unfinished"}')
    Image.new("RGB", (8, 8)).save(picture)
    studio.job = replace(studio.job, step=5, revision=5)
    clock[0] += 2
    assert "previews" not in page.ask()
    studio.job = replace(studio.job, images=((str(picture), "step 5"),), revision=6)
    clock[0] += 2
    assert "previews" in page.ask() and "mira-5.png" in page.shown["previews"]


def test_what_a_panel_said_at_the_start_stays_until_its_job_has_ended(studio: Any) -> None:
    studio.job = replace(RUNNING, id="1")
    page = OpenPage(ShownJob(studio))
    page.ask()
    assert page.shown["train_said"] == skip()
    studio.job = replace(RUNNING, id="1", status=JobStatus.FINISHED)
    assert "train_said" in page.ask() and page.shown["train_said"] == ""


def test_what_was_wrong_with_preprocessing_goes_when_a_training_begins(studio: Any) -> None:
    studio.job = replace(RUNNING, id="1", kind="preprocess", status=JobStatus.FINISHED)
    page = OpenPage(ShownJob(studio))
    page.ask()
    studio.job = replace(RUNNING, id="2")
    assert "preprocess_said" in page.ask() and page.shown["preprocess_said"] == ""


def test_a_running_job_is_worked_out_once_for_all_pages(
    studio: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[int] = []

    def counted(job: JobSnapshot, *rest: Any) -> dict[str, Any]:
        worked_out.append(job.step)
        return parts(job, *rest)

    monkeypatch.setattr(shown_job, "parts", counted)
    shown = ShownJob(studio)
    for step in range(1, 7):
        studio.job = replace(RUNNING, step=step, revision=step)
        OpenPage(shown).ask()
        clock[0] += 0.4
    assert worked_out == [1, 4]


@pytest.mark.parametrize("status", [JobStatus.FINISHED, JobStatus.INTERRUPTED, JobStatus.FAILED])
def test_every_open_page_comes_to_the_state_in_which_the_job_ended(
    studio: Any, status: JobStatus, clock: list[float]
) -> None:
    shown = ShownJob(studio)
    pages = [OpenPage(shown) for _ in range(3)]
    for revision in range(1, 6):
        losses = tuple((step, 1 / step) for step in range(1, revision + 1))
        studio.job = replace(RUNNING, id="1", step=revision, losses=losses, revision=revision)
        pages[revision % 2].ask()
        clock[0] += 0.4
    studio.job = replace(
        studio.job, status=status, losses=(*studio.job.losses, (6, 0.9)), step=6, revision=7, resumable=True,
        message="It has ended.", log=("2026-01-31 12:00:00 Ended.",), folder="log/mira",
    )  # fmt: skip
    for page in pages:
        page.ask()
        ended = parts(studio.job, MODEL)
        followed = {name: page.shown[name] for name in NAMES if name != "previews"}
        assert followed == {name: ended[name] for name in followed}
        assert "to 6, now" in page.shown["plot"]
