"""What half precision breaks is drawn again in float32, and said aloud."""

from __future__ import annotations

import copy
import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.errors import NonFiniteError
from traintab.models.model import Model
from traintab.sampling.txt2img import GeneratedImage, txt2img


@pytest.fixture
def half(tiny_model: Model) -> Model:
    unet = copy.deepcopy(tiny_model.unet).to(torch.float16)
    return replace(tiny_model, unet=unet, dtype=torch.float16)


@pytest.fixture
def breaks_in_half(monkeypatch: pytest.MonkeyPatch) -> list[torch.dtype]:
    """Half precision overflows; the list is of the dtypes that were tried, one for each evaluation."""
    tried: list[torch.dtype] = []
    predict = Model.predict

    def overflowing(self: Model, *arguments: Any, **options: Any) -> torch.Tensor:
        tried.append(self.dtype)
        prediction = predict(self, *arguments, **options)
        return prediction if self.dtype == torch.float32 else prediction * float("nan")

    monkeypatch.setattr(Model, "predict", overflowing)
    return tried


def config(**settings: Any) -> GenerationConfig:
    return GenerationConfig(**{"prompt": "a red hat", "seed": 1, "num_inference_steps": 2, **settings})


def pixels(drawn: list[GeneratedImage]) -> list[list[int]]:
    return [np.asarray(picture.image).ravel().tolist() for picture in drawn]


def test_the_picture_is_that_of_the_same_weights_in_float32(half: Model, breaks_in_half: list[Any]) -> None:
    notes: list[str] = []

    drawn = txt2img(half, config(), {}, on_note=notes.append)

    exact = replace(half, unet=copy.deepcopy(half.unet).float(), dtype=torch.float32)
    assert pixels(drawn) == pixels(txt2img(exact, config(), {}))
    assert notes == [
        "The picture became NaN in float16; it is drawn again in float32, and so are those after it."
    ]


def test_later_batches_begin_in_float32_and_the_model_is_half_again_afterwards(
    half: Model, breaks_in_half: list[torch.dtype]
) -> None:
    before = {name: weight.clone() for name, weight in half.unet.state_dict().items()}
    steps: list[int] = []

    drawn = txt2img(half, config(count=2), {}, on_step=lambda done, _total: steps.append(done))

    assert [picture.seed for picture in drawn] == [1, 2]
    assert breaks_in_half == [torch.float16] * 2 + [torch.float32] * 4
    assert steps == [1, 2, 1, 2, 3, 4]
    after = half.unet.state_dict()
    assert all(
        after[name].dtype == weight.dtype and torch.equal(after[name], weight)
        for name, weight in before.items()
    )


def test_an_interrupt_ends_the_second_try_too(half: Model, breaks_in_half: list[torch.dtype]) -> None:
    drawn = txt2img(half, config(), {}, interrupted=lambda: len(breaks_in_half) == 3)

    assert drawn == [] and breaks_in_half[-1] == torch.float32


def test_what_breaks_in_float32_too_is_an_error(half: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "predict", lambda self, latents, *others, **options: latents * float("nan"))

    with pytest.raises(NonFiniteError, match=r"seed 1 became NaN, in float32 too.*another model"):
        txt2img(half, config(), {})

    assert {weight.dtype for weight in half.unet.parameters()} == {torch.float16}


def test_half_precision_that_holds_is_left_alone(half: Model) -> None:
    notes: list[str] = []

    assert len(txt2img(half, config(), {}, on_note=notes.append)) == 1
    assert notes == []


def test_without_anybody_to_tell_it_goes_to_the_log(
    half: Model, breaks_in_half: list[torch.dtype], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        txt2img(half, config(), {})

    assert "drawn again in float32" in caplog.text
