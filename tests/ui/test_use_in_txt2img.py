"""From a training to a prompt for what it taught."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from traintab.configs import TrainingConfig, replace_fields, to_mapping
from traintab.errors import NothingToDoError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.paths import Paths
from traintab.ui.page import Page
from traintab.ui.use_in_txt2img import can_draw, prompt_for, use_in_txt2img

ENDED = JobSnapshot(kind="train", status=JobStatus.FINISHED, step=9, folder="log/mira")


def request(**fields: Any) -> dict[str, Any]:
    return to_mapping(replace_fields(TrainingConfig(embedding_name="mira"), {"data_dir": "in", **fields}))


@pytest.mark.parametrize(
    ("fields", "prompt"),
    [
        ({"preview_prompt": "[name] by the sea"}, "mira by the sea"),
        ({"template": "subject_filewords.txt"}, "a photo of mira"),
        ({"template": "subject.txt"}, "a photo of mira"),
        ({"template": "style.txt"}, "a painting in the style of mira"),
        ({"template": "style_filewords.txt"}, "a painting in the style of mira"),
        ({"template": "none.txt"}, "mira"),
        ({"template": "gone.txt"}, "mira"),
    ],
)
def test_the_prompt_is_the_previews_or_the_template_s_first(fields: Any, prompt: str) -> None:
    assert prompt_for(request(**fields), Paths.under()) == prompt


@pytest.mark.parametrize(
    ("changed", "can"),
    [
        ({}, True),
        ({"status": JobStatus.INTERRUPTED}, True),
        ({"status": JobStatus.FAILED}, True),
        ({"status": JobStatus.RUNNING}, False),
        ({"status": JobStatus.STOPPING}, False),
        ({"step": 0}, False),
        ({"folder": ""}, False),
        ({"kind": "preprocess"}, False),
    ],
)
def test_there_is_something_to_draw_once_a_training_rests(changed: Any, can: bool) -> None:
    assert can_draw(replace(ENDED, **changed)) is can


def test_the_button_opens_txt2img_with_the_prompt_which_is_remembered(page: Page, studio: Any) -> None:
    studio.job = ENDED
    studio.resuming.last_request = lambda: request(preview_prompt="a photo of [name]")
    message, tab, prompt = use_in_txt2img(page)
    assert message == "" and tab["selected"] == "txt2img"
    assert prompt["value"] == "a photo of mira"
    assert page.remembered.values("txt2img") == {"prompt": "a photo of mira"}


def test_without_a_training_it_is_refused(page: Page, studio: Any) -> None:
    studio.resuming.last_request = dict
    with pytest.raises(NothingToDoError, match="train an embedding first"):
        use_in_txt2img(page)
