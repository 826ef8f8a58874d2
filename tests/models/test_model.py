from __future__ import annotations

import copy
import dataclasses

import pytest
import torch

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
