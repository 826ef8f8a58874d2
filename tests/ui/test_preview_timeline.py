"""What the timeline shows of a job."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.jobs import JobSnapshot, JobStatus
from traintab.paths import Paths
from traintab.ui.preview_timeline import PreviewTimeline, build_timeline, timeline_version

TRAINING = JobSnapshot(kind="train", status=JobStatus.RUNNING)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def made_run(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "state").mkdir()
    told = {"embedding_name": "mira", "status": "unfinished", "started": ""}
    (folder / "state" / "status.json").write_text(json.dumps(told))
    for step in (5, 10):
        Image.new("RGB", (16, 16)).save(folder / "images" / f"mira-{step}.png")
    return folder


def test_a_training_shows_what_lies_in_its_folder_whoever_drew_it(paths: Paths) -> None:
    run = made_run(paths.log_dir / "2026-01-01" / "mira")
    text = PreviewTimeline(paths).of(replace(TRAINING, folder=str(run), best_step=10))
    assert text.count("<img") == 2 and text.count("★") == 1
    assert (
        PreviewTimeline(paths).of(replace(TRAINING, status=JobStatus.FINISHED, folder=str(run))).count("<img")
        == 2
    )


def test_before_the_first_preview_it_says_where_they_will_be(paths: Paths) -> None:
    timeline = PreviewTimeline(paths)
    assert "appear here" in timeline.of(TRAINING)
    assert timeline.of(replace(TRAINING, status=JobStatus.INTERRUPTED)) == ""
    assert timeline.of(JobSnapshot()) == ""


def test_a_folder_outside_of_the_log_directory_is_never_looked_into(paths: Paths, tmp_path: Path) -> None:
    run = made_run(tmp_path / "elsewhere" / "mira")
    assert "<img" not in PreviewTimeline(paths).of(replace(TRAINING, folder=str(run)))
    assert PreviewTimeline(paths).of_run(run) == ""


def test_training_pictures_stand_in_the_page_the_newest_first(paths: Paths, tmp_path: Path) -> None:
    images = []
    for number in range(15):
        path = tmp_path / f"{number:05d}-0-<a>.png"
        Image.new("RGB", (500, 300)).save(path)
        images.append((str(path), path.name))
    Path(images[14][0]).unlink()
    Path(images[13][0]).write_bytes(b"broken")
    text = PreviewTimeline(paths).of(JobSnapshot(kind="preprocess", images=tuple(images)))
    assert text.count("data:image/jpeg") == 10  # of the newest twelve
    assert text.index(">00012-0<") < text.index(">00003-0<") and "00002" not in text
    assert "&lt;a&gt;" in text and "<a>" not in text


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        ({"step": 9, "loss": 0.1, "message": "Saved."}, False),
        ({"images": (("a.png", "step 1"),)}, True),
        ({"folder": "/log/2"}, True),
        ({"id": "another job on the same files"}, True),
        ({"best_step": 3}, True),
        ({"status": JobStatus.FINISHED}, True),
    ],
)
def test_it_is_made_again_when_something_of_it_changes(change: dict[str, Any], is_another: bool) -> None:
    assert (timeline_version(replace(TRAINING, **change)) != timeline_version(TRAINING)) is is_another


def test_the_stage_finds_its_source_on_the_page(build: Any) -> None:
    import gradio as gr

    def make() -> Any:
        with gr.Blocks() as blocks:
            source = build_timeline()
        stage = next(
            one for one in blocks.blocks.values() if getattr(one, "elem_id", "") == "ti_gallery_stage"
        )
        return source, stage

    source, stage = build(make)
    assert f'data-source="{source.elem_id}"' in stage.value
