"""The web UI's sampler names, and what draws behind them.

The samplers of k-diffusion's family are in `solvers`: diffusers has them for some schedule types only,
or not without scipy and torchsde. The others are diffusers' schedulers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch

from ..configs.samplers import AUTOMATIC, SCHEDULE_TYPES, split_sampler_name
from ..errors import ConfigError
from ..models.diffusers_adapter import config_of, make_sampler
from ..models.model import Model
from . import solvers
from .diffusers_sampling import DiffusersSampling
from .evaluation import Sampling
from .noise_levels import NoiseLevels, Spacing, space
from .sigma_sampling import SigmaSampling
from .solvers import Solver

__all__ = ["SAMPLERS", "SCHEDULE_TYPES", "DiffusersSampler", "SigmaSampler", "make_sampling", "schedule_of"]

_LCM_STEPS = 50  # the steps that such a model was distilled to be drawn with


@dataclass(frozen=True)
class DiffusersSampler:
    """A diffusers scheduler class, what its config gets over the model's own, and its own schedule type.

    The latter is empty for those whose timesteps can't be chosen.
    """

    class_name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    automatic: str = "Uniform"


@dataclass(frozen=True)
class SigmaSampler:
    """One of `solvers`, and its own schedule type.

    `passes_over_last` samplers go from the last noise level but one straight to the picture, as in the
    web UI: their second order is lost in the very small last step.
    """

    solver: Solver
    automatic: str = "Uniform"
    passes_over_last: bool = False


# The web UI's DDIM takes every n-th timestep, counted from 1.
_EVERY_NTH = {
    "timestep_spacing": "leading",
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "clip_sample": False,
}
_STOCHASTIC = {"algorithm_type": "sde-dpmsolver++"}

SAMPLERS: Mapping[str, DiffusersSampler | SigmaSampler] = MappingProxyType(
    {
        "DPM++ 2M": DiffusersSampler("DPMSolverMultistepScheduler"),
        "DPM++ SDE": SigmaSampler(solvers.dpm_plus_sde, "Karras"),
        "DPM++ 2M SDE": DiffusersSampler("DPMSolverMultistepScheduler", _STOCHASTIC, "Exponential"),
        "DPM++ 2S a": SigmaSampler(solvers.dpm_plus_2s_ancestral, "Karras"),
        "Euler a": SigmaSampler(solvers.euler_ancestral),
        "Euler": SigmaSampler(solvers.euler),
        "LMS": SigmaSampler(solvers.lms),
        "Heun": SigmaSampler(solvers.heun),
        "DPM2": SigmaSampler(solvers.dpm2, "Karras", passes_over_last=True),
        "DPM2 a": SigmaSampler(solvers.dpm2_ancestral, "Karras", passes_over_last=True),
        "DDIM": DiffusersSampler("DDIMScheduler", _EVERY_NTH, automatic=""),
        "UniPC": DiffusersSampler("UniPCMultistepScheduler"),
        "LCM": DiffusersSampler("LCMScheduler", {"clip_sample": False}, automatic=""),
    }
)

_EVEN = {"timestep_spacing": "linspace"}
_TRAILING = {"timestep_spacing": "trailing"}
_DIFFUSERS_OPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "": {},
        "Uniform": _EVEN,
        "Karras": {**_EVEN, "use_karras_sigmas": True},
        "Exponential": {**_EVEN, "use_exponential_sigmas": True},
        "SGM Uniform": _TRAILING,
        "Simple": _TRAILING,
        "Normal": _EVEN,
    }
)


def schedule_of(sampler: str, schedule_type: str = AUTOMATIC) -> str:
    """The schedule type that is meant: the sampler's own for Automatic, nothing if it can't have one.

    Names of old, `DPM++ 2M Karras`, tell it themselves. Raises ConfigError for an unknown sampler.
    """
    name, told = split_sampler_name(sampler)
    choice = _choice(name)
    wanted = told or schedule_type
    return choice.automatic if wanted == AUTOMATIC or not choice.automatic else wanted


def make_sampling(
    sampler: str,
    model: Model,
    steps: int,
    *,
    schedule_type: str = AUTOMATIC,
    first: int = 0,
) -> Sampling:
    """A fresh run of a sampler, with the model's noise levels and prediction type, from step `first` on.

    Raises ConfigError for an unknown sampler.
    """
    choice = _choice(split_sampler_name(sampler)[0])
    schedule = schedule_of(sampler, schedule_type)
    if isinstance(choice, DiffusersSampler):
        return DiffusersSampling(_scheduler(choice, schedule, model, steps), first)
    levels = NoiseLevels(model.noise_scheduler.alphas_cumprod)
    spacing = space(schedule, levels, steps + choice.passes_over_last)
    if choice.passes_over_last:
        spacing = Spacing(spacing.timesteps[:-1], torch.cat([spacing.sigmas[:-2], spacing.sigmas[-1:]]))
    return SigmaSampling(choice.solver, spacing.from_step(first), levels, model.prediction_type)


def _scheduler(choice: DiffusersSampler, schedule: str, model: Model, steps: int) -> Any:
    """diffusers' scheduler with its timesteps set.

    Where every n-th timestep is taken, a model trained down to zero signal still starts at the very last
    ("trailing"), because that is the only one where its first picture is pure noise.
    """
    options = {**choice.options, **_DIFFUSERS_OPTIONS[schedule]}
    if steps == 1 or (not schedule and config_of(model.noise_scheduler, "rescale_betas_zero_snr")):
        options["timestep_spacing"] = "trailing"
    if choice.class_name == "LCMScheduler":
        options["original_inference_steps"] = max(_LCM_STEPS, steps)
    scheduler = make_sampler(choice.class_name, model.noise_scheduler.config, options)
    scheduler.set_timesteps(steps, device=model.device)
    return scheduler


def _choice(name: str) -> DiffusersSampler | SigmaSampler:
    choice = SAMPLERS.get(name)
    if choice is None:
        raise ConfigError(
            f"There is no sampler called {name!r}; use one of {', '.join(SAMPLERS)}.", field="sampler"
        )
    return choice
