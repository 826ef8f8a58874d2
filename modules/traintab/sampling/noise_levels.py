"""Which noise levels the steps go through: schedule types by the web UI's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch

__all__ = ["NoiseLevels", "Spacing", "space"]

_RHO = 7.0  # Karras et al. 2022, equation 5
_LEAST_SIGNAL = 2.0**-24  # what stands for none at all, so that the largest sigma is finite

_Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class NoiseLevels:
    """A model's noise levels as sigmas: standard deviation of the noise over that of the picture.

    Made from the `alphas_cumprod` `[t]` that the model was trained with; the sigmas rise with the timestep.
    """

    def __init__(self, alphas_cumprod: torch.Tensor) -> None:
        kept = alphas_cumprod.to("cpu", torch.float32).clamp(min=_LEAST_SIGNAL)
        # Single precision first, because that is how diffusers has these numbers.
        self.sigmas: _Floats = (((1 - kept) / kept) ** 0.5).numpy().astype(np.float64)
        self._log_sigmas = np.log(self.sigmas)

    @property
    def last_timestep(self) -> int:
        """The noisiest timestep, 999 in Stable Diffusion."""
        return len(self.sigmas) - 1

    def sigmas_at(self, timesteps: _Floats) -> _Floats:
        """The sigmas at these timesteps, on a straight line between two whole ones."""
        return np.interp(timesteps, np.arange(len(self.sigmas)), self.sigmas)

    def timesteps_of(self, sigmas: _Floats) -> _Floats:
        """The timesteps, mostly fractions, at these sigmas; on a straight line between their logarithms."""
        return np.interp(np.log(np.maximum(sigmas, 1e-10)), self._log_sigmas, np.arange(len(self.sigmas)))


@dataclass(frozen=True, eq=False)
class Spacing:
    """The steps' noise levels, noisiest first: `timesteps` `[n]`, and `sigmas` `[n + 1]` that end with 0.

    Both float32 on the CPU.
    """

    timesteps: torch.Tensor
    sigmas: torch.Tensor

    def from_step(self, first: int) -> Spacing:
        """What is left when the steps before `first` are passed over."""
        return Spacing(self.timesteps[first:], self.sigmas[first:])


def space(schedule_type: str, levels: NoiseLevels, steps: int) -> Spacing:
    """The noise levels of `steps` steps; `schedule_type` is any but Automatic."""
    if schedule_type in _BY_SIGMA:
        sigmas = _BY_SIGMA[schedule_type](levels.sigmas[-1], levels.sigmas[0], steps)
        timesteps = levels.timesteps_of(sigmas)
    else:
        timesteps = _BY_TIMESTEP[schedule_type](levels.last_timestep, steps)
        sigmas = levels.sigmas_at(timesteps)
    return Spacing(_single(timesteps), torch.cat([_single(sigmas), torch.zeros(1)]))


def _single(values: _Floats) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _uniform(last: int, steps: int) -> _Floats:
    """Equal distances of timesteps, both ends among them."""
    if steps == 1:
        return np.array([float(last)])
    return np.linspace(0, last, steps, dtype=np.float32).astype(np.float64)[::-1]


def _sgm_uniform(last: int, steps: int) -> _Floats:
    """Equal distances of timesteps down to the first, which the step to the picture replaces."""
    return np.linspace(last, 0, steps + 1)[:-1]


def _simple(last: int, steps: int) -> _Floats:
    """Every n-th of the timesteps, the last first."""
    return np.array([last - int(step * (last + 1) / steps) for step in range(steps)], dtype=np.float64)


def _karras(largest: float, smallest: float, steps: int) -> _Floats:
    """More of the steps at little noise: even distances of the sigmas' seventh roots."""
    ends = largest ** (1 / _RHO), smallest ** (1 / _RHO)
    powers: _Floats = (ends[0] + np.linspace(0, 1, steps) * (ends[1] - ends[0])) ** _RHO
    return powers


def _exponential(largest: float, smallest: float, steps: int) -> _Floats:
    """Even distances of the sigmas' logarithms."""
    return np.exp(np.linspace(np.log(largest), np.log(smallest), steps))


_BY_TIMESTEP: Mapping[str, Callable[[int, int], _Floats]] = MappingProxyType(
    {"Uniform": _uniform, "SGM Uniform": _sgm_uniform, "Simple": _simple, "Normal": _uniform}
)
_BY_SIGMA: Mapping[str, Callable[[float, float, int], _Floats]] = MappingProxyType(
    {"Karras": _karras, "Exponential": _exponential}
)
