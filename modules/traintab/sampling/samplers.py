"""The web UI's sampler names, and the diffusers schedulers behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..configs.samplers import split_sampler_name
from ..errors import ConfigError
from ..models.diffusers_adapter import Sampler, config_of, make_sampler
from ..models.model import Model

__all__ = ["SAMPLERS", "SamplerChoice", "make_scheduler"]


@dataclass(frozen=True)
class SamplerChoice:
    """A diffusers scheduler class and what its config gets over the model's own."""

    class_name: str
    options: Mapping[str, Any] = field(default_factory=dict)


# k-diffusion, which the web UI uses for all but DDIM and UniPC, spreads its steps evenly from the last
# training timestep to the first: "linspace". Its DDIM takes every n-th timestep, counted from 1.
_EVEN = {"timestep_spacing": "linspace"}
_EVERY_NTH = {
    "timestep_spacing": "leading",
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "clip_sample": False,
}

SAMPLERS: Mapping[str, SamplerChoice] = MappingProxyType(
    {
        "DPM++ 2M": SamplerChoice("DPMSolverMultistepScheduler", _EVEN),
        "Euler a": SamplerChoice("EulerAncestralDiscreteScheduler", _EVEN),
        "Euler": SamplerChoice("EulerDiscreteScheduler", _EVEN),
        "Heun": SamplerChoice("HeunDiscreteScheduler", _EVEN),
        "DDIM": SamplerChoice("DDIMScheduler", _EVERY_NTH),
        "UniPC": SamplerChoice("UniPCMultistepScheduler", _EVEN),
    }
)

_TRAILING = {"timestep_spacing": "trailing"}
_SCHEDULES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "Automatic": {},
        "Uniform": {},
        "Karras": {"use_karras_sigmas": True},
        "Exponential": {"use_exponential_sigmas": True},
        "SGM Uniform": _TRAILING,
        "Simple": _TRAILING,
        "Normal": {},
    }
)


def make_scheduler(name: str, model: Model, schedule_type: str = "Automatic") -> Sampler:
    """A fresh diffusers scheduler for the sampler `name`, with the model's noise levels and prediction type.

    A model trained down to zero signal starts at the very last timestep ("trailing"), because that is
    the only one where its first picture is pure noise. Raises ConfigError for an unknown name.
    """
    name, told = split_sampler_name(name)
    choice = SAMPLERS.get(name)
    if choice is None:
        raise ConfigError(
            f"There is no sampler called {name!r}; use one of {', '.join(SAMPLERS)}.", field="sampler"
        )
    options = {**choice.options, **_SCHEDULES[told or schedule_type]}
    if config_of(model.noise_scheduler, "rescale_betas_zero_snr"):
        options["timestep_spacing"] = "trailing"
    return make_sampler(choice.class_name, model.noise_scheduler.config, options)
