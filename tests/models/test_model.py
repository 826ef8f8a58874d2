from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest
import torch

from traintab.errors import ModelError
from traintab.models.added_conditions import AddedConditions
from traintab.models.model import Model


@pytest.fixture
def bf16_model(tiny_model: Model) -> Model:
    unet = copy.deepcopy(tiny_model.unet).to(torch.bfloat16)
    return dataclasses.replace(tiny_model, unet=unet, dtype=torch.bfloat16)


def test_predictions_have_the_shape_of_the_latents(tiny_model: Model) -> None:
    latents = torch.zeros(2, 4, 8, 8)

    prediction = tiny_model.predict(latents, torch.tensor([5, 900]), torch.zeros(2, 77, 32))

    assert prediction.shape == latents.shape


def test_the_gradient_reaches_the_prompt_and_no_weight(tiny_model: Model) -> None:
    embeds = torch.randn(1, 77, 32, requires_grad=True)

    tiny_model.predict(torch.randn(1, 4, 8, 8), torch.tensor([500]), embeds).square().sum().backward()

    assert embeds.grad is not None
    assert embeds.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in tiny_model.unet.parameters())


def test_a_half_precision_unet_takes_and_gives_float32(bf16_model: Model, tiny_model: Model) -> None:
    inputs = torch.randn(1, 4, 8, 8), torch.tensor([500]), torch.randn(1, 77, 32)

    prediction = bf16_model.predict(*inputs)

    assert prediction.dtype is torch.float32
    assert torch.allclose(prediction, tiny_model.predict(*inputs), atol=0.05)


def test_pictures_become_scaled_latents(tiny_model: Model) -> None:
    pixels = torch.rand(2, 3, 64, 32) * 2 - 1

    mean, std = tiny_model.encode_images(pixels)

    distribution = tiny_model.vae.encode(pixels).latent_dist
    assert mean.shape == std.shape == (2, 4, 8, 4)
    assert torch.allclose(mean, distribution.mean * tiny_model.scaling_factor)
    assert torch.allclose(std, distribution.std * tiny_model.scaling_factor)


def test_latents_become_pixels_in_range(tiny_model: Model) -> None:
    pixels = tiny_model.decode_latents(torch.randn(1, 4, 8, 4) * 100)

    assert pixels.shape == (1, 3, 64, 32)
    assert pixels.min() >= -1
    assert pixels.max() <= 1


def test_a_config_without_a_prediction_type_means_epsilon(tiny_model: Model) -> None:
    class OldScheduler:
        config: dict[str, str] = {}  # noqa: RUF012

    assert dataclasses.replace(tiny_model, noise_scheduler=OldScheduler()).prediction_type == "epsilon"


def test_the_size_told_to_sdxl_has_height_before_width(tiny_model: Model) -> None:
    assert tiny_model.time_ids(640, 480).tolist() == [[480, 640, 0, 0, 480, 640]]


def test_sdxl_s_prediction_is_diffusers_with_pooled_prompt_and_size(tiny_families: Any) -> None:
    model = tiny_families.model("sdxl")
    latents, embeds, pooled = torch.randn(2, 4, 8, 8), torch.randn(2, 77, 2048), torch.randn(2, 1280)
    sizes = torch.cat([model.time_ids(64, 64), model.time_ids(1024, 64)])

    with torch.no_grad():
        added = AddedConditions(text_embeds=pooled, time_ids=sizes)
        prediction = model.predict(latents, torch.tensor(500), embeds, added)
        conditions = {"text_embeds": pooled, "time_ids": sizes}
        expected = model.unet(latents, 500, embeds, added_cond_kwargs=conditions).sample

    assert torch.equal(prediction, expected)
    assert not torch.allclose(prediction[0], prediction[1])


def test_half_precision_keeps_the_sizes_told_to_sdxl_exact(tiny_families: Any) -> None:
    model = tiny_families.model("sdxl")
    half = dataclasses.replace(model, unet=copy.deepcopy(model.unet).to(torch.bfloat16), dtype=torch.bfloat16)
    latents, embeds, pooled = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 2048), torch.randn(1, 1280)

    def predicted(height: int) -> torch.Tensor:
        added = AddedConditions(text_embeds=pooled, time_ids=model.time_ids(64, height))
        with torch.no_grad():
            return half.predict(latents, torch.tensor(500), embeds, added)

    # In bfloat16 both sizes would be 2048.
    assert not torch.equal(predicted(2048), predicted(2056))


def test_sdxl_without_added_conditions_is_refused_in_a_sentence(tiny_families: Any) -> None:
    model = tiny_families.model("sdxl")

    with pytest.raises(ModelError, match="tiny-sdxl lacks the picture's size and the pooled prompt"):
        model.predict(torch.zeros(1, 4, 8, 8), torch.tensor(500), torch.zeros(1, 77, 2048))


def test_other_models_ignore_added_conditions(tiny_model: Model) -> None:
    inputs = torch.randn(1, 4, 8, 8), torch.tensor([500]), torch.randn(1, 77, 32)
    added = AddedConditions(text_embeds=torch.randn(1, 1280), time_ids=torch.ones(1, 6))

    assert torch.equal(tiny_model.predict(*inputs, added), tiny_model.predict(*inputs))
