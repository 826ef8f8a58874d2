from __future__ import annotations

from typing import Any

import pytest
import torch

from traintab.conditioning.conditioning import condition
from traintab.conditioning.scheduled import ComposedPart, schedule_conditioning
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model


def encoded(model: Model, text: str) -> torch.Tensor:
    return condition(model, [text], {}).prompt_embeds


def texts_at(parts: tuple[ComposedPart, ...], model: Model, texts: list[str]) -> list[str]:
    """Which of `texts` the parts are."""
    known = {text: encoded(model, text) for text in texts}
    return [
        next(text for text, embeds in known.items() if torch.allclose(part.prompt_embeds, embeds, atol=1e-6))
        for part in parts
    ]


def test_a_plain_prompt_is_the_same_at_all_steps(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["a cat"], {}, steps=3)

    for step in range(3):
        (part,) = conditioning.prompts[0].at(step)
        assert part.weight == 1.0
        assert part.pooled_prompt_embeds is None
        assert torch.equal(part.prompt_embeds, encoded(tiny_model, "a cat"))


def test_prompt_editing_changes_the_text_after_the_step_it_names(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["a [cat:hat:2]"], {}, steps=4)

    drawn = [texts_at(conditioning.prompts[0].at(step), tiny_model, ["a cat", "a hat"]) for step in range(4)]

    assert drawn == [["a cat"], ["a cat"], ["a cat"], ["a hat"]]


def test_editing_at_step_0_draws_the_second_text_from_the_beginning(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["[cat:hat:0]"], {}, steps=2)

    assert texts_at(conditioning.prompts[0].at(0), tiny_model, ["cat", "hat"]) == ["hat"]


def test_alternation_begins_with_its_first_word_twice_and_changes_every_step_then(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["[cat|hat]"], {}, steps=5)

    drawn = [texts_at(conditioning.prompts[0].at(step), tiny_model, ["cat", "hat"]) for step in range(5)]

    assert drawn == [["cat"], ["cat"], ["hat"], ["cat"], ["hat"]]


def test_steps_beyond_the_last_keep_its_text(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["[cat:hat:1]"], {}, steps=2)

    assert texts_at(conditioning.prompts[0].at(9), tiny_model, ["cat", "hat"]) == ["hat"]


def test_and_gives_parts_with_weights_that_change_each_on_its_own(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["a cat :1.5 AND [red:blue:1] AND hat:-1"], {}, steps=3)

    texts = ["a cat", "red", "blue", "hat"]
    assert [part.weight for part in conditioning.prompts[0].at(0)] == [1.5, 1.0, -1.0]
    assert texts_at(conditioning.prompts[0].at(1), tiny_model, texts) == ["a cat", "red", "hat"]
    assert texts_at(conditioning.prompts[0].at(2), tiny_model, texts) == ["a cat", "blue", "hat"]


def test_in_a_negative_prompt_and_is_a_word_but_editing_counts(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["cat", "red AND [hat:girl:1]"], {}, steps=3)

    negative = conditioning.prompts[1]
    texts = ["red AND hat", "red AND girl"]
    assert texts_at(negative.at(1), tiny_model, texts) == ["red AND hat"]
    assert texts_at(negative.at(2), tiny_model, texts) == ["red AND girl"]


def test_all_texts_of_all_prompts_have_equally_many_chunks(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["cat AND [hat:" + "red " * 80 + ":1]", ""], {}, steps=2)

    shapes = {part.prompt_embeds.shape for prompt in conditioning.prompts for part in prompt.at(0)}
    assert shapes == {(1, 154, 32)}


def test_a_text_that_comes_again_is_encoded_once(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["[cat|hat] AND cat", "cat"], {}, steps=4)

    first, again = conditioning.prompts[0].at(0), conditioning.prompts[0].at(3)
    assert first[0].prompt_embeds.data_ptr() == again[0].prompt_embeds.data_ptr()
    assert first[0].prompt_embeds.data_ptr() == conditioning.prompts[1].at(0)[0].prompt_embeds.data_ptr()


def test_tags_of_networks_are_never_words(tiny_model: Model) -> None:
    conditioning = schedule_conditioning(tiny_model, ["cat<lora:red:0.5>", "hat<hypernet:x>"], {}, steps=1)

    assert torch.allclose(
        conditioning.prompts[0].at(0)[0].prompt_embeds, encoded(tiny_model, "cat"), atol=1e-6
    )
    assert texts_at(conditioning.prompts[1].at(0), tiny_model, ["hat"]) == ["hat"]


def test_embeddings_of_all_texts_are_told(tiny_model: Model) -> None:
    names = ("early", "late", "never", "bad")
    embeddings = {name: Embedding(name=name, vectors={"clip_l": torch.ones(1, 32)}) for name in names}

    conditioning = schedule_conditioning(tiny_model, ["[early:late:1] AND red", "bad"], embeddings, steps=4)

    assert conditioning.used == ("early", "late", "bad")


def test_the_clip_skip_reaches_the_text_encoder(tiny_model: Model) -> None:
    skipped = schedule_conditioning(tiny_model, ["cat"], {}, steps=1, clip_skip=2)

    assert torch.equal(
        skipped.prompts[0].at(0)[0].prompt_embeds,
        condition(tiny_model, ["cat"], {}, clip_skip=2).prompt_embeds,
    )


@pytest.mark.parametrize("prompt", ["", "AND", "[::1]", "BREAK", "<lora:x:1>"])
def test_a_prompt_that_says_nothing_is_still_told(prompt: str, tiny_model: Model) -> None:
    (part, *_) = schedule_conditioning(tiny_model, [prompt], {}, steps=2).prompts[0].at(0)

    assert part.prompt_embeds.isfinite().all()


def test_sdxl_is_told_a_blank_negative_prompt_as_zeros(tiny_families: Any) -> None:
    prompts = ["", "", "cat", "[cat::1]", " \n", "[ :  :1]"]

    given = schedule_conditioning(tiny_families.model("sdxl"), prompts, {}, steps=3)

    def is_nothing(prompt: int) -> bool:
        (part,) = given.prompts[prompt].at(2)
        assert part.pooled_prompt_embeds is not None
        return not part.prompt_embeds.any() and not part.pooled_prompt_embeds.any()

    # Only a negative prompt, and only one that is blank at all steps.
    assert [is_nothing(prompt) for prompt in range(6)] == [False, True, False, False, True, True]


@pytest.mark.parametrize("family", ["sd1", "sd2"])
def test_other_models_are_told_the_empty_text(family: str, tiny_families: Any) -> None:
    model = tiny_families.model(family)

    (part,) = schedule_conditioning(model, ["cat", ""], {}, steps=2).prompts[1].at(0)

    assert torch.allclose(part.prompt_embeds, encoded(model, ""), atol=1e-5)


def test_sdxl_gets_the_pooled_output_of_each_text(tiny_families: Any) -> None:
    model = tiny_families.model("sdxl")

    conditioning = schedule_conditioning(model, ["[cat:hat:1] AND red", "blue"], {}, steps=3)

    for parts, texts in (
        (conditioning.prompts[0].at(0), ["cat", " red"]),
        (conditioning.prompts[0].at(2), ["hat", " red"]),
        (conditioning.prompts[1].at(0), ["blue"]),
    ):
        alone = [condition(model, [text], {}).pooled_prompt_embeds for text in texts]
        for part, expected in zip(parts, alone, strict=True):
            assert part.pooled_prompt_embeds is not None
            assert expected is not None
            assert torch.allclose(part.pooled_prompt_embeds, expected, atol=1e-5)
