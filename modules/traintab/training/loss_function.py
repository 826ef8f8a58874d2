"""The loss of a prediction: how errors grow with their size, and how much each timestep counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch.nn import functional

from ..models.model import Model
from .loss import Error
from .loss_weights import LossWeights

__all__ = ["LossFunction"]

# Yu et al.'s weights grow without bound towards no noise and towards noise alone; kohya's bounds.
_SNR_BOUNDS = (1e-3, 1e3)


@dataclass(frozen=True, kw_only=True)
class LossFunction:
    """The settings of a loss; by default the plain mean square, to the bit.

    `huber` is 2δ(√(e² + δ²) − δ) and `smooth_l1` that divided by δ (Khrapov et al. 2024, arXiv 2403.16728):
    like e² for errors below δ, and growing no faster than they do beyond it. `min_snr_gamma` and `debiased`
    weigh timesteps, see `timestep_weights`.
    """

    loss_type: str = "mse"
    huber_delta: float = 0.1
    huber_schedule: str = "constant"
    min_snr_gamma: float = 0.0
    debiased: bool = False

    def error(self, model: Model, timesteps: torch.Tensor, weights: LossWeights | None = None) -> Error:
        """The loss of predictions at `timesteps` `[b]`, with `weights` of the same device and batch."""
        of_timesteps = self.timestep_weights(model, timesteps)
        if self.loss_type == "mse" and of_timesteps is None and weights is None:
            return functional.mse_loss
        weights = (weights or LossWeights()).times(of_timesteps)
        if self.loss_type == "mse":
            return partial(_weighted, weights)
        return partial(self._robust, self.delta(model, timesteps), weights)

    def timestep_weights(self, model: Model, timesteps: torch.Tensor) -> torch.Tensor | None:
        """How much each timestep counts: float32 `[b]`, None for all alike.

        With SNR = ᾱ / (1 − ᾱ) the weight of the error in the picture is min(SNR, γ) (Hang et al. 2023,
        arXiv 2303.09556, section 3.4) or √SNR (Yu et al. 2023, arXiv 2310.08442). An error in the noise is
        √SNR times as large as the one in the picture, and one in v √(SNR + 1) times: hence their weights.
        All are finite with zero terminal SNR.
        """
        if not self.min_snr_gamma and not self.debiased:
            return None
        snr = _snr(model, timesteps)
        if self.min_snr_gamma:
            return _min_snr(snr, self.min_snr_gamma, model.prediction_type)
        bounded = snr.clamp(*_SNR_BOUNDS)
        if model.prediction_type == "epsilon":
            return bounded.rsqrt()
        return bounded.sqrt() / (bounded + 1) if model.prediction_type == "v_prediction" else bounded.sqrt()

    def delta(self, model: Model, timesteps: torch.Tensor) -> torch.Tensor:
        """δ at each timestep, float32 `[b, 1, 1, 1]` (arXiv 2403.16728, schedules of section 3).

        `exponential`: δ^(t / T); `snr`: (1 − δ) / (1 + σ)² + δ with σ² = (1 − ᾱ) / ᾱ.
        """
        lowest = self.huber_delta
        if self.huber_schedule == "exponential":
            deltas = lowest ** (timesteps / len(model.noise_scheduler.alphas_cumprod))
        elif self.huber_schedule == "snr":
            deltas = (1 - lowest) / (1 + _snr(model, timesteps).rsqrt()) ** 2 + lowest  # σ = SNR^(-1/2)
        else:
            deltas = torch.full(timesteps.shape, lowest, device=timesteps.device)
        return deltas.reshape(-1, 1, 1, 1)

    def _robust(
        self, delta: torch.Tensor, weights: LossWeights, predicted: torch.Tensor, target: torch.Tensor
    ) -> torch.Tensor:
        square = (predicted - target).square()
        # √(e² + δ²) − δ without the difference of two numbers that are nearly equal.
        beyond = 2 * square / ((square + delta.square()).sqrt() + delta)
        return weights.mean(beyond * delta if self.loss_type == "huber" else beyond)


def _weighted(weights: LossWeights, predicted: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return weights.mean(functional.mse_loss(predicted, target, reduction="none"))


def _snr(model: Model, timesteps: torch.Tensor) -> torch.Tensor:
    """ᾱ / (1 − ᾱ) at the timesteps, float32 `[b]`; 0 where nothing of the picture is left."""
    kept = model.noise_scheduler.alphas_cumprod.to(timesteps.device)[timesteps]
    return kept / (1 - kept)


def _min_snr(snr: torch.Tensor, gamma: float, prediction_type: str) -> torch.Tensor:
    if prediction_type == "epsilon":
        return (gamma / snr).clamp(max=1.0)  # 1 where the ratio is infinite
    least = snr.clamp(max=gamma)
    return least / (snr + 1) if prediction_type == "v_prediction" else least
