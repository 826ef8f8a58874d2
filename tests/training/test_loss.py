"""The denoising loss."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from diffusers import DDPMScheduler

from traintab.errors import ModelError
from traintab.models.model import Model
from traintab.training.loss import Noised, denoising_loss, prediction_target


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    latents = torch.randn(2, 4, 8, 8, generator=generator)
    noise = torch.randn(2, 4, 8, 8, generator=generator)
    return latents, noise, torch.tensor([10, 900])


def predicting(model: Model, prediction_type: str) -> Model:
    scheduler = DDPMScheduler.from_config(model.noise_scheduler.config, prediction_type=prediction_type)
    return dataclasses.replace(model, noise_scheduler=scheduler)


def test_an_epsilon_model_is_asked_for_the_noise(model: Model) -> None:
    latents, noise, timesteps = batch()
    assert torch.equal(prediction_target(predicting(model, "epsilon"), latents, noise, timesteps), noise)


def test_a_v_model_is_asked_for_the_velocity(model: Model) -> None:
    latents, noise, timesteps = batch()
    scheduler: Any = model.noise_scheduler
    signal = scheduler.alphas_cumprod[timesteps].sqrt().view(2, 1, 1, 1)
    spread = (1 - scheduler.alphas_cumprod[timesteps]).sqrt().view(2, 1, 1, 1)
    target = prediction_target(predicting(model, "v_prediction"), latents, noise, timesteps)
    torch.testing.assert_close(target, signal * noise - spread * latents)


def test_a_sample_model_is_asked_for_the_picture(model: Model) -> None:
    latents, noise, timesteps = batch()
    assert torch.equal(prediction_target(predicting(model, "sample"), latents, noise, timesteps), latents)


def test_an_unknown_prediction_is_told(model: Model) -> None:
    with pytest.raises(ModelError, match="predicts 'flow'; training knows epsilon"):
        prediction_target(predicting(model, "flow"), *batch())


def test_the_loss_is_the_mean_squared_error_of_the_unet(model: Model) -> None:
    latents, noise, timesteps = batch()
    embeds = torch.randn(2, 77, 32, generator=torch.Generator().manual_seed(1))
    scheduler: Any = model.noise_scheduler
    noisy = scheduler.add_noise(latents, noise, timesteps)
    expected = (model.unet(noisy, timesteps, embeds)[0] - noise).square().mean()
    torch.testing.assert_close(denoising_loss(model, Noised(latents, noise, timesteps), embeds), expected)


def test_gradients_reach_the_prompt_alone(model: Model) -> None:
    embeds = torch.zeros(2, 77, 32, requires_grad=True)
    denoising_loss(model, Noised(*batch()), embeds).backward()
    assert embeds.grad is not None
    assert embeds.grad.abs().max() > 0
    assert all(parameter.grad is None for parameter in model.unet.parameters())
