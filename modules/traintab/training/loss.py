"""The denoising loss of diffusion models."""

from __future__ import annotations

import torch
from torch.nn import functional

from ..errors import ModelError
from ..models.added_conditions import AddedConditions
from ..models.model import Model

__all__ = ["check_prediction_type", "denoising_loss", "prediction_target"]

_KNOWN = ("epsilon", "v_prediction", "sample")


def denoising_loss(
    model: Model,
    latents: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    prompt_embeds: torch.Tensor,
    added: AddedConditions | None = None,
) -> torch.Tensor:
    """Mean squared error `[]` of the UNet's prediction, in float32.

    `latents` and `noise` float32 `[b, c, h, w]`, `timesteps` int64 `[b]`, `prompt_embeds`
    `[b, 77 * chunks, width]`; SDXL needs `added` of the same batch size, through whose pooled prompt the
    gradient flows too. All timesteps weigh the same (Ho et al. 2020, "simple" loss).
    """
    noisy = model.noise_scheduler.add_noise(latents, noise, timesteps)
    predicted = model.predict(noisy, timesteps, prompt_embeds, added)
    return functional.mse_loss(predicted, prediction_target(model, latents, noise, timesteps))


def prediction_target(
    model: Model, latents: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor
) -> torch.Tensor:
    """What the UNet should say, `[b, c, h, w]`: noise, v (Salimans and Ho 2022) or the clean latents."""
    if model.prediction_type == "epsilon":
        return noise
    if model.prediction_type == "v_prediction":
        return model.noise_scheduler.get_velocity(latents, noise, timesteps)
    check_prediction_type(model)
    return latents


def check_prediction_type(model: Model) -> None:
    """Raise ModelError for a model that predicts something else than training knows a target for."""
    if model.prediction_type not in _KNOWN:
        raise ModelError(
            f"The model {model.name} predicts {model.prediction_type!r}; training knows epsilon, v_prediction"
            " and sample. Choose another model."
        )
