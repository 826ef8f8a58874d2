"""From noise to latents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from ..models.model import Model
from .evaluation import Evaluation, Sampling, draw_noise
from .guidance import Guidance

__all__ = ["Denoised", "denoise", "initial_noise", "predicted_clean"]

_LEAST_SIGNAL = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Denoised:
    """How far a batch of pictures is, after an evaluation of the UNet and its `prediction` `[b, c, h, w]`.

    `steps_done` steps are complete; `latents` `[b, c, h, w]` are those of the finished pictures, None before.
    """

    steps_done: int
    evaluation: Evaluation
    prediction: torch.Tensor
    latents: torch.Tensor | None = None


def initial_noise(
    model: Model, width: int, height: int, generators: Sequence[torch.Generator]
) -> torch.Tensor:
    """Standard normal latents `[len(generators), c, height / 8, width / 8]`, float32 on the model's device.

    The generators are CPU generators: a seed means the same picture on every device.
    """
    like = torch.empty(
        1, model.latent_channels, height // model.vae_scale, width // model.vae_scale, device=model.device
    )
    return draw_noise(like, generators)


def denoise(
    model: Model,
    sampling: Sampling,
    latents: torch.Tensor,
    guidance: Guidance,
    generators: Sequence[torch.Generator],
) -> Iterator[Denoised]:
    """Yield after each evaluation of the UNet; the last has the finished latents `[b, c, h, w]`.

    `latents` are what `sampling` starts with; samplers that add noise on the way draw it from
    `generators`. A generator, so that whoever drives it may stop between two evaluations.
    """
    evaluations = sampling.run(latents, generators)
    with torch.no_grad():
        evaluation = next(evaluations)
    while True:
        with torch.no_grad():
            prediction = guidance.predict(model, evaluation)
            try:
                following = evaluations.send(prediction)
            except StopIteration as end:
                finished: torch.Tensor = end.value
                break
        yield Denoised(steps_done=following.step, evaluation=evaluation, prediction=prediction)
        evaluation = following
    yield Denoised(
        steps_done=sampling.num_steps, evaluation=evaluation, prediction=prediction, latents=finished
    )


def predicted_clean(model: Model, denoised: Denoised) -> torch.Tensor:
    """What the finished latents `[b, c, h, w]` would be if the prediction were right: rough at first."""
    if denoised.latents is not None:
        return denoised.latents
    latents, timestep = denoised.evaluation.model_input, int(denoised.evaluation.timestep)
    kept = float(model.noise_scheduler.alphas_cumprod[timestep].clamp(min=_LEAST_SIGNAL))
    noise, signal = math.sqrt(1 - kept), math.sqrt(kept)
    if model.prediction_type == "v_prediction":
        return signal * latents - noise * denoised.prediction
    return (latents - noise * denoised.prediction) / signal
