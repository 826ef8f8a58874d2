"""The denoising loss of diffusion models."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch.nn import functional

from ..errors import ModelError
from ..models.added_conditions import AddedConditions
from ..models.model import Model
from .processes import Share

__all__ = [
    "Error",
    "Noised",
    "check_prediction_type",
    "denoising_loss",
    "prediction_target",
]

Error = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

_KNOWN = ("epsilon", "v_prediction", "sample")


class Noised(NamedTuple):
    """Latents with noise: float32 `latents` and `noise` `[b, c, h, w]`, `timesteps` int64 `[b]`.

    `shown`, like `noise`, is what the latents are shown with where that isn't what is to be found.
    """

    latents: torch.Tensor
    noise: torch.Tensor
    timesteps: torch.Tensor
    shown: torch.Tensor | None = None

    def of(self, share: Share) -> Noised:
        """A share's rows of all of it."""
        latents, noise, timesteps = (share.of_tensor(part) for part in self[:3])
        shown = None if self.shown is None else share.of_tensor(self.shown)
        return Noised(latents, noise, timesteps, shown)


def denoising_loss(
    model: Model,
    noised: Noised,
    prompt_embeds: torch.Tensor,
    added: AddedConditions | None = None,
    error: Error = functional.mse_loss,
) -> torch.Tensor:
    """How far the UNet's prediction is from what it should be, `[]` in float32.

    `prompt_embeds` `[b, 77 * chunks, width]`; SDXL needs `added` of the same batch size, through whose pooled
    prompt the gradient flows too. `error` gives the loss of prediction and target, both `[b, c, h, w]`: by
    default the mean squared error, all timesteps alike (Ho et al. 2020, equation 14, "simple" loss).
    """
    latents, noise, timesteps, shown = noised
    noisy = model.noise_scheduler.add_noise(latents, noise if shown is None else shown, timesteps)
    predicted = model.predict(noisy, timesteps, prompt_embeds, added)
    return error(predicted, prediction_target(model, latents, noise, timesteps))


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
