from dataclasses import replace

import pytest

from traintab.jobs import JobMemory, JobSnapshot, JobStatus
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.job_html import model_html, status_html, title_html

RUNNING = JobSnapshot(
    kind="train",
    title="Training of mira",
    status=JobStatus.RUNNING,
    step=37,
    total_steps=100,
    loss=0.0432,
    learning_rate=0.005,
    seconds_per_step=0.5,
    eta_seconds=31.5,
)


def test_a_running_job_shows_step_loss_rate_pace_and_time_left() -> None:
    found = status_html(RUNNING)
    for text in ("Training of mira", "Running", "37 of 100", "0.0432", "0.005", "0.5 s", "32 s"):
        assert text in found
    assert 'aria-valuenow="37"' in found and "width:37.0%" in found


def test_it_shows_epochs_the_smoothed_loss_and_memory() -> None:
    memory = JobMemory(used=3 * 2**29, peak=2**31, total=2**33)
    job = replace(RUNNING, epoch=3, total_epochs=8, losses=((1, 0.1), (2, 0.3)), memory=memory)
    found = status_html(job)
    assert "<dt>Epoch</dt><dd>3 of 8<" in found and "<dt>Smoothed loss</dt><dd>0.2000<" in found
    assert "<dt>Memory</dt><dd>1.5 GiB, at most 2.0 GiB of 8.0 GiB<" in found
    assert "<dt>Epoch</dt><dd>–<" in status_html(RUNNING) and "Memory" not in status_html(RUNNING)


def test_the_bar_has_a_name_and_no_value_while_none_is_known() -> None:
    assert 'aria-label="Training of mira" aria-valuenow="37"' in status_html(RUNNING)
    unknown = status_html(JobSnapshot(kind="train", title="Training", status=JobStatus.RUNNING))
    assert 'aria-label="Training"' in unknown and "aria-valuenow" not in unknown


def test_before_the_first_step_the_bar_shows_how_far_the_preparation_is() -> None:
    job = JobSnapshot(kind="train", status=JobStatus.RUNNING, fraction=0.25)
    assert "width:25.0%" in status_html(job)


def test_a_run_that_stopped_by_itself_is_whole() -> None:
    shown = status_html(replace(RUNNING, status=JobStatus.FINISHED))
    assert "width:100.0%" in shown and "37 of 100" in shown


def test_a_bar_without_a_known_end_moves() -> None:
    assert "traintab-bar-unknown" in status_html(JobSnapshot(kind="train", status=JobStatus.RUNNING))
    assert "traintab-bar-unknown" not in status_html(RUNNING)


def test_an_idle_page_says_what_comes_first() -> None:
    assert "Create an embedding" in status_html(JobSnapshot())


def test_preprocessing_shows_files_pace_and_counts_and_no_loss() -> None:
    job = JobSnapshot(
        kind="preprocess",
        status=JobStatus.RUNNING,
        step=1200,
        total_steps=3000,
        seconds_per_step=0.04,
        eta_seconds=72,
        counts=(("pictures written", 2390), ("files unchanged", 0), ("files skipped", 5)),
    )
    found = status_html(job)
    figures = (
        "<dt>Files</dt><dd>1,200 of 3,000<",
        "<dt>Per second</dt><dd>25<",
        "<dt>Time left</dt><dd>1 min 12 s<",
    )
    counts = ("<dt>Pictures written</dt><dd>2,390<", "<dt>Files skipped</dt><dd>5<")
    assert all(text in found for text in (*figures, *counts))
    assert "Loss" not in found and "Files unchanged" not in found
    assert "<dt>Per second</dt><dd>0.25<" in status_html(replace(job, seconds_per_step=4.0))
    assert "<dt>Per second</dt><dd>–<" in status_html(replace(job, seconds_per_step=None))
    assert "Time left" not in status_html(replace(job, status=JobStatus.FINISHED))


def test_names_cannot_carry_html() -> None:
    job = JobSnapshot(title='Training of <img src="x">', status=JobStatus.RUNNING, step=1, total_steps=2)
    assert "<img" not in status_html(job) and "<img" not in title_html(job)


@pytest.mark.parametrize(
    ("status", "title"),
    [(JobStatus.RUNNING, "37% · mira — Train Tab"), (JobStatus.FINISHED, "Train Tab")],
)
def test_the_tabs_title_shows_progress_while_a_job_runs(status: JobStatus, title: str) -> None:
    job = JobSnapshot(title="Training of mira", status=status, step=37, total_steps=100)
    assert f'data-title="{title}"' in title_html(job)


@pytest.mark.parametrize("state", list(ModelState))
def test_the_models_state_is_a_dot_and_a_sentence(state: ModelState) -> None:
    assert f"traintab-model-{state.value}" in model_html(ModelStatus(spec="demo", state=state))
    assert "A &lt;sentence&gt;." in model_html(ModelStatus(spec="d", state=state, message="A <sentence>."))


@pytest.mark.parametrize("state", list(ModelState))
def test_a_bar_moves_while_the_model_loads(state: ModelState) -> None:
    has_bar = "traintab-bar-unknown" in model_html(ModelStatus(spec="demo", state=state))
    assert has_bar == (state is ModelState.LOADING)
