"""Previews as txt2img has them."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.configs import GenerationConfig, TrainingConfig, all_options, from_mapping
from traintab.errors import ConfigError
from traintab.ui.page import Page
from traintab.ui.preview_source import read_from_txt2img


def fields(**values: Any) -> dict[str, Any]:
    return {**{name: declared.default for name, declared in all_options(GenerationConfig).items()}, **values}


def test_every_setting_that_previews_have_is_read_and_trains(page: Page) -> None:
    wanted = fields(
        prompt="mira in rain",
        negative_prompt="blurry",
        num_inference_steps=9,
        guidance_scale="5",
        seed=3,
        sampler="DPM++ 2M",
        schedule_type="Karras",
        width="192",
        height="128",
    )
    message, *updates = read_from_txt2img(page, wanted)
    found = {
        name: update["value"]
        for name, update in zip(page.train.names, updates, strict=True)
        if "value" in update
    }
    assert "txt2img" in message and page.remembered.values("train") == found
    preview = from_mapping(TrainingConfig, {"embedding_name": "mira", "data_dir": "in", **found}).preview
    assert (preview.preview_prompt, preview.preview_negative_prompt) == ("mira in rain", "blurry")
    assert (preview.preview_steps, preview.preview_guidance_scale, preview.preview_seed) == (9, 5.0, 3)
    assert preview.preview_sampler == "DPM++ 2M Karras"
    assert (preview.preview_width, preview.preview_height) == (192, 128)


def test_sizes_that_are_left_open_stay_open(page: Page) -> None:
    _, *updates = read_from_txt2img(page, fields(prompt="x", width="", height=""))
    values = dict(zip(page.train.names, updates, strict=True))
    assert values["preview_width"]["value"] == "" and "value" not in values["width"]


def test_a_random_seed_leaves_the_previews_their_own(page: Page) -> None:
    read_from_txt2img(page, fields(prompt="x", seed=-1))
    assert "preview_seed" not in page.remembered.values("train")


def test_without_a_prompt_there_is_nothing_to_read(page: Page) -> None:
    with pytest.raises(ConfigError, match="no prompt to read"):
        read_from_txt2img(page, fields(prompt="  "))
    assert page.remembered.values("train") == {}
