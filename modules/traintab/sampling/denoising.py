"""From noise to latents."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ..models.diffusers_adapter import Sampler
from ..models.model import Model

__all__ = ["Guidance", "denoise", "initial_noise"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Guidance:
    """What the picture is to show, and how strictly.

    `prompt_embeds` and `negative_prompt_embeds` are `[b, 77 * chunks, width]` with equally many chunks;
    without the latter the scale has no effect.
    """

    prompt_embeds: torch.Tensor
    negative_prompt_embeds: torch.Tensor | None = None
    scale: float = 1.0

    def predict(self, model: Model, latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        """Classifier-free guidance (Ho and Salimans, 2022): with and without the prompt in one batch."""
        if self.negative_prompt_embeds is None:
            return model.predict(latents, timestep, self.prompt_embeds)
        both = torch.cat([self.negative_prompt_embeds, self.prompt_embeds])
        without, with_prompt = model.predict(torch.cat([latents, latents]), timestep, both).chunk(2)
        return without + self.scale * (with_prompt - without)


def initial_noise(
    model: Model, width: int, height: int, generators: Sequence[torch.Generator]
) -> torch.Tensor:
    """Standard normal latents `[len(generators), c, height / 8, width / 8]`, float32 on the model's device.

    The generators are CPU generators: a seed means the same picture on every device.
    """
    shape = (1, model.latent_channels, height // model.vae_scale, width // model.vae_scale)
    return torch.cat([torch.randn(shape, generator=generator) for generator in generators]).to(model.device)


def denoise(
    model: Model,
    scheduler: Sampler,
    noise: torch.Tensor,
    guidance: Guidance,
    generators: Sequence[torch.Generator],
) -> Iterator[torch.Tensor]:
    """Yield the latents `[b, c, h, w]` after each of the scheduler's timesteps; the last are the result.

    `noise` is `initial_noise`, the scheduler fresh with its timesteps set; samplers that add noise on the
    way draw it from `generators`. A generator, so that whoever drives it may stop between two steps.
    """
    with torch.no_grad():
        latents = noise * scheduler.init_noise_sigma
    options = _step_options(scheduler.step, generators)
    for timestep in scheduler.timesteps:
        with torch.no_grad():
            prediction = guidance.predict(model, scheduler.scale_model_input(latents, timestep), timestep)
            latents = scheduler.step(prediction, timestep, latents, return_dict=False, **options)[0]
        yield latents


def _step_options(step: Callable[..., Any], generators: Sequence[torch.Generator]) -> dict[str, Any]:
    """Some schedulers draw noise always, some in old versions: all that can get our generators."""
    if "generator" not in inspect.signature(step).parameters:
        return {}
    return {"generator": generators[0] if len(generators) == 1 else list(generators)}
