"""A run of one of diffusers' schedulers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..models.diffusers_adapter import Sampler
from .evaluation import Evaluation, Evaluations

__all__ = ["DiffusersSampling"]


class DiffusersSampling:
    """One run of a fresh scheduler whose timesteps are set, from step `first` on.

    All schedulers used here ask the UNet once a step.
    """

    def __init__(self, scheduler: Sampler, first: int = 0) -> None:
        self._scheduler = scheduler
        self._timesteps = scheduler.timesteps[first:]
        self.num_steps = len(self._timesteps)
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(first)

    def start(self, noise: torch.Tensor, clean: torch.Tensor | None = None) -> torch.Tensor:
        """Noise of the first level, over `clean` latents if there are any; all `[b, c, h, w]`."""
        if clean is None:
            noisy: torch.Tensor = noise * self._scheduler.init_noise_sigma
            return noisy
        return self._scheduler.add_noise(clean, noise, self._timesteps[:1])

    def run(self, latents: torch.Tensor, generators: Sequence[torch.Generator]) -> Evaluations:
        """From `start` to the picture's latents; see `Sampling`."""
        scheduler = self._scheduler
        options = _step_options(scheduler.step, generators)
        for step, timestep in enumerate(self._timesteps):
            prediction = yield Evaluation(scheduler.scale_model_input(latents, timestep), timestep, step)
            latents = scheduler.step(prediction, timestep, latents, return_dict=False, **options)[0]
        return latents


def _step_options(step: Callable[..., Any], generators: Sequence[torch.Generator]) -> dict[str, Any]:
    """Some schedulers draw noise always, some in old versions: all that can get our generators."""
    if "generator" not in inspect.signature(step).parameters:
        return {}
    return {"generator": generators[0] if len(generators) == 1 else list(generators)}
