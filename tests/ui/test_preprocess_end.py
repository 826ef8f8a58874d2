"""*Train* uses the folder of a preprocessing once that has ended and made pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from traintab.configs import PreprocessConfig, all_options
from traintab.jobs import JobSnapshot, JobStatus
from traintab.ui.gradio_compat import skip
from traintab.ui.page import Page
from traintab.ui.preprocess_end import tell_end
from traintab.ui.preprocess_panel import preprocess

ENDED = JobSnapshot(
    kind="preprocess",
    title="Preprocessing of photos",
    status=JobStatus.FINISHED,
    counts=(("pictures written", 2), ("files unchanged", 0), ("files skipped", 1)),
    result_folder="ready",
)
MADE_NOTHING = (("pictures written", 0), ("files unchanged", 0), ("files skipped", 3))


@pytest.fixture
def started(page: Page) -> Page:
    """Preprocessing was begun while *Train* had a folder of its own."""
    page.remembered.remember("train", {"data_dir": "before"})
    values = {name: declared.default for name, declared in all_options(PreprocessConfig).items()}
    preprocess(page, {**values, "source": "in", "destination": "ready"})
    return page


def test_the_folder_is_used_and_told_in_every_page_once_there_are_pictures(
    started: Page, studio: Any
) -> None:
    studio.job = replace(ENDED, status=JobStatus.RUNNING)
    assert tell_end(started) == (skip(), skip(), skip())

    studio.job = ENDED
    for _page in range(2):
        message, folder, _ = tell_end(started)
        assert folder == "ready" and "Train uses ready now." in message
    assert started.remembered.values("train")["data_dir"] == "ready"


def test_a_preprocessing_that_made_nothing_leaves_the_folder_as_it_was(started: Page, studio: Any) -> None:
    studio.job = replace(ENDED, counts=MADE_NOTHING)
    assert tell_end(started) == (skip(), skip(), skip())
    assert started.remembered.values("train")["data_dir"] == "before"


def test_a_folder_chosen_while_it_ran_stays(started: Page, studio: Any) -> None:
    started.remembered.remember("train", {"data_dir": "another"})
    studio.job = ENDED
    assert tell_end(started) == (skip(), skip(), skip())
    assert started.remembered.values("train")["data_dir"] == "another"


def test_an_end_that_was_told_takes_no_folder_chosen_later(started: Page, studio: Any) -> None:
    studio.job = ENDED
    tell_end(started)
    started.remembered.remember("train", {"data_dir": "before"})
    assert tell_end(started) == (skip(), skip(), skip())
