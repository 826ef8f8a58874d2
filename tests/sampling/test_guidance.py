from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest
import torch

from traintab.models.added_conditions import AddedConditions
from traintab.models.model import Model
from traintab.sampling.evaluation import Evaluation
from traintab.sampling.guidance import Guidance

from .conftest import FixedPrompt, FixedText, random_text

LATENTS = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(4))
QUESTION = Evaluation(model_input=LATENTS, timestep=torch.tensor(500), step=3)


def alone(model: Model, text: FixedText) -> torch.Tensor:
    return model.predict(LATENTS, torch.tensor(500), text.prompt_embeds.expand(2, -1, -1))


def prompt(*texts: FixedText) -> FixedPrompt:
    return FixedPrompt(texts)


def test_guidance_is_a_line_through_both_predictions(tiny_model: Model) -> None:
    wanted, unwanted = random_text(1), random_text(2)

    guided = Guidance(prompt=prompt(wanted), negative=prompt(unwanted), scale=3.0).predict(
        tiny_model, QUESTION
    )

    without = alone(tiny_model, unwanted)
    assert torch.allclose(guided, without + 3.0 * (alone(tiny_model, wanted) - without), atol=1e-4)


def test_without_a_negative_prompt_the_unet_sees_the_prompt_alone(tiny_model: Model) -> None:
    plain = Guidance(prompt=prompt(random_text(1)), scale=9.0).predict(tiny_model, QUESTION)

    assert torch.equal(plain, alone(tiny_model, random_text(1)))


def test_joined_texts_are_added_by_their_weights(tiny_model: Model) -> None:
    cat, hat, unwanted = random_text(1), random_text(2, weight=-0.5), random_text(3)

    guided = Guidance(prompt=prompt(cat, hat), negative=prompt(unwanted), scale=4.0).predict(
        tiny_model, QUESTION
    )

    without = alone(tiny_model, unwanted)
    expected = without + 4 * (alone(tiny_model, cat) - without) - 2 * (alone(tiny_model, hat) - without)
    assert torch.allclose(guided, expected, atol=1e-4)


def test_a_text_joined_with_itself_in_halves_is_itself(tiny_model: Model) -> None:
    whole, half, unwanted = random_text(1), random_text(1, weight=0.5), prompt(random_text(2))

    once = Guidance(prompt=prompt(whole), negative=unwanted, scale=4.0)
    twice = Guidance(prompt=prompt(half, half), negative=unwanted, scale=4.0)

    assert torch.allclose(once.predict(tiny_model, QUESTION), twice.predict(tiny_model, QUESTION), atol=1e-4)


def test_a_prompt_is_asked_for_its_texts_at_the_step(tiny_model: Model) -> None:
    asked = []

    @dataclass
    class Changing:
        def at(self, step: int) -> list[FixedText]:
            asked.append(step)
            return [random_text(step)]

    predicted = Guidance(prompt=Changing()).predict(tiny_model, QUESTION)

    assert asked == [3]
    assert torch.equal(predicted, alone(tiny_model, random_text(3)))


def test_every_text_and_picture_runs_in_one_batch(tiny_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    original = Model.predict
    monkeypatch.setattr(
        Model, "predict", lambda self, x, *rest: seen.append(len(x)) or original(self, x, *rest)
    )

    Guidance(prompt=prompt(random_text(1), random_text(2)), negative=prompt(random_text(3))).predict(
        tiny_model, QUESTION
    )

    assert seen == [6]


def test_sdxl_is_told_the_size_and_the_whole_of_each_text(
    tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[AddedConditions | None] = []

    def predict(
        self: Model, latents: torch.Tensor, timestep: object, embeds: object, added: AddedConditions | None
    ) -> torch.Tensor:
        told.append(added)
        return latents

    monkeypatch.setattr(Model, "predict", predict)
    wanted, unwanted = (
        dataclasses.replace(random_text(seed), pooled_prompt_embeds=torch.full((1, 1280), float(seed)))
        for seed in (1, 2)
    )

    Guidance(prompt=prompt(wanted), negative=prompt(unwanted), size=(832, 1216)).predict(tiny_model, QUESTION)

    (added,) = told
    assert added is not None
    assert added.text_embeds[:, 0].tolist() == [2, 2, 1, 1]
    assert added.time_ids.tolist() == [[1216, 832, 0, 0, 1216, 832]] * 4


def test_other_models_are_told_nothing_more(tiny_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(Model, "predict", lambda self, x, t, e, added: told.append(added) or x)

    Guidance(prompt=prompt(random_text(1))).predict(tiny_model, QUESTION)

    assert told == [None]
