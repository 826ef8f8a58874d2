"""Prompts that change from step to step and are joined, as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model
from traintab.sampling.prompting import guide
from traintab.sampling.txt2img import txt2img


def draw(model: Model, prompt: str, **settings: Any) -> np.ndarray:
    config = GenerationConfig(
        **{"prompt": prompt, "seed": 1, "num_inference_steps": 4, "sampler": "Euler", **settings}
    )
    return np.asarray(txt2img(model, config, {})[0].image).astype(int)


def guidance_of(model: Model, **settings: Any) -> Any:
    config = GenerationConfig(
        **{"prompt": "a hat", "guidance_scale": 7.0, "width": 64, "height": 64, **settings}
    )
    return guide(model, config, {})[0]


def test_a_change_before_the_first_step_draws_the_second_text(tiny_model: Model) -> None:
    assert np.array_equal(draw(tiny_model, "[red cat:blue hat:0]"), draw(tiny_model, "blue hat"))


def test_a_change_after_the_last_step_draws_the_first_text(tiny_model: Model) -> None:
    assert np.array_equal(draw(tiny_model, "[red cat:blue hat:4]"), draw(tiny_model, "red cat"))


def test_a_change_half_way_draws_neither(tiny_model: Model) -> None:
    changed = draw(tiny_model, "[red cat:blue hat:0.5]")

    assert not np.array_equal(changed, draw(tiny_model, "red cat"))
    assert not np.array_equal(changed, draw(tiny_model, "blue hat"))


@pytest.mark.parametrize("sampler", ["Euler", "Heun", "DPM++ SDE"])
def test_a_change_is_at_the_same_step_whatever_the_sampler(sampler: str, tiny_model: Model) -> None:
    last = draw(tiny_model, "[red cat:blue hat:2]", sampler=sampler)

    assert not np.array_equal(last, draw(tiny_model, "red cat", sampler=sampler))
    assert np.array_equal(last, draw(tiny_model, "[red cat:blue hat:0.5]", sampler=sampler))


def test_alternating_texts_take_turns(tiny_model: Model) -> None:
    alternating = draw(tiny_model, "[red cat|blue hat]", num_inference_steps=3)

    assert not np.array_equal(alternating, draw(tiny_model, "red cat", num_inference_steps=3))
    assert np.array_equal(alternating, draw(tiny_model, "[red cat:blue hat:1]", num_inference_steps=3))


def test_the_negative_prompt_may_change_too(tiny_model: Model) -> None:
    changed = draw(tiny_model, "cat", negative_prompt="[red:blue:2]")

    assert not np.array_equal(changed, draw(tiny_model, "cat", negative_prompt="red"))
    assert np.array_equal(
        draw(tiny_model, "cat", negative_prompt="[red:blue:0]"),
        draw(tiny_model, "cat", negative_prompt="blue"),
    )


def test_a_text_joined_with_nothing_of_another_is_itself(tiny_model: Model) -> None:
    joined = draw(tiny_model, "red cat AND blue hat :0", guidance_scale=4.0)

    assert np.abs(joined - draw(tiny_model, "red cat", guidance_scale=4.0)).max() <= 1


def test_joined_texts_draw_another_picture(tiny_model: Model) -> None:
    assert not np.array_equal(draw(tiny_model, "red cat AND blue hat"), draw(tiny_model, "red cat"))


def test_halves_of_a_text_are_the_text_at_a_scale_of_one_too(tiny_model: Model) -> None:
    joined = draw(tiny_model, "red cat :0.5 AND red cat :0.5", guidance_scale=1.0)

    assert np.abs(joined - draw(tiny_model, "red cat", guidance_scale=1.0)).max() <= 1


def test_the_negative_prompt_is_encoded_where_it_has_an_effect_only(tiny_model: Model) -> None:
    assert guidance_of(tiny_model).negative is not None
    assert guidance_of(tiny_model, guidance_scale=1.0).negative is None
    assert guidance_of(tiny_model, guidance_scale=1.0, prompt="a hat AND a cat").negative is not None


def test_a_weight_counts_at_a_scale_of_one_whether_a_network_s_tag_follows_it_or_not(
    tiny_model: Model,
) -> None:
    tagged = guidance_of(tiny_model, guidance_scale=1.0, prompt="a hat :0.5<lora:any:1>")

    assert tagged.negative is not None
    assert [part.weight for part in tagged.prompt.at(0)] == [0.5]


def test_a_network_s_tag_is_no_word(tiny_model: Model) -> None:
    assert np.array_equal(draw(tiny_model, "red cat<lora:any:0.8>"), draw(tiny_model, "red cat"))


def test_embeddings_of_every_text_of_a_prompt_are_used(tiny_model: Model) -> None:
    embeddings = {
        name: Embedding(name=name, vectors={"clip_l": torch.ones(1, 32) * number})
        for number, name in enumerate(("zqa", "zqb", "zqc"), 1)
    }
    config = GenerationConfig(
        prompt="[zqa:zqb:0.5] AND zqc", num_inference_steps=4, seed=1, guidance_scale=3.0, width=64, height=64
    )

    with_them = np.asarray(txt2img(tiny_model, config, embeddings)[0].image)

    for name in embeddings:
        fewer = {key: value for key, value in embeddings.items() if key != name}
        assert not np.array_equal(with_them, np.asarray(txt2img(tiny_model, config, fewer)[0].image))
