"""The web UI's txt2img fields, as its page tells them."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from traintab.configs import GenerationConfig, all_options
from traintab.ui.host_txt2img import txt2img_values
from traintab.ui.page import Page
from traintab.ui.preview_source import read_from_txt2img

A1111 = {
    "prompt": "mira in rain",
    "negative_prompt": "blurry",
    "sampler": "DPM++ 2M",
    "num_inference_steps": "9",
    "guidance_scale": "7.5",
    "seed": "4294967295",
    "width": "768",
    "height": "512",
}


def test_what_the_web_ui_shows_becomes_the_previews_settings(page: Page) -> None:
    message, *_ = read_from_txt2img(page, txt2img_values(json.dumps(A1111)))
    assert "txt2img" in message
    assert page.remembered.values("train") == {
        "preview_prompt": "mira in rain",
        "preview_negative_prompt": "blurry",
        "preview_sampler": "DPM++ 2M",
        "preview_steps": 9,
        "preview_guidance_scale": "7.5",
        "preview_seed": 4294967295,
        "preview_width": "768",
        "preview_height": "512",
    }


def test_a_number_below_one_is_sd_nexts_own_default_and_a_random_seed_is_kept_as_such() -> None:
    found = txt2img_values(json.dumps({**A1111, "guidance_scale": "-1", "seed": "-1"}))
    assert "guidance_scale" not in found and found["seed"] == -1


@pytest.mark.parametrize("told", ["", "{}", "[]", "null"])
def test_without_any_fields_there_is_no_prompt(told: str) -> None:
    assert txt2img_values(told) == {"prompt": "", "negative_prompt": "", "sampler": ""}


@example({"seed": "nan", "width": "inf", "num_inference_steps": "1e999"})
@given(st.dictionaries(st.sampled_from(list(A1111)), st.text()))
def test_any_texts_give_no_field_that_txt2img_does_not_have(fields: dict[str, str]) -> None:
    found = txt2img_values(json.dumps(fields))
    assert set(found) <= set(all_options(GenerationConfig))
    numbers = [found[name] for name in ("num_inference_steps", "seed") if name in found]
    assert all(isinstance(number, int) for number in numbers)
