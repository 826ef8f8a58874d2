"""How a step's pictures are shown with noise, and what counts of the prediction: a run's settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..configs import TrainingConfig
from .loss_function import LossFunction
from .noise import NoiseSampling
from .timesteps import TimestepSampling

__all__ = ["Denoising", "denoising_of"]


@dataclass(frozen=True, kw_only=True)
class Denoising:
    """Which timesteps are shown, with which noise, and the loss; by default as Ho et al. 2020 have it."""

    timesteps: TimestepSampling = field(default_factory=TimestepSampling)
    noise: NoiseSampling = field(default_factory=NoiseSampling)
    function: LossFunction = field(default_factory=LossFunction)


def denoising_of(config: TrainingConfig) -> Denoising:
    """What the settings of a run ask for."""
    loss, techniques = config.loss, config.techniques
    return Denoising(
        timesteps=TimestepSampling(
            per_picture=techniques.timesteps_per_picture,
            stratified=techniques.stratified_timesteps,
            first=loss.min_timestep,
            end=loss.max_timestep,
        ),
        noise=NoiseSampling(
            offset=loss.noise_offset,
            pyramid_iterations=loss.pyramid_noise_iterations,
            pyramid_discount=loss.pyramid_noise_discount,
            perturbation=loss.input_perturbation,
            random_strength=loss.random_noise_strength,
        ),
        function=LossFunction(
            loss_type=loss.loss_type,
            huber_delta=loss.huber_delta,
            huber_schedule=loss.huber_schedule,
            min_snr_gamma=loss.min_snr_gamma,
            debiased=loss.debiased_weights,
        ),
    )
