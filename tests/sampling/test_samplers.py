from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
import torch

from traintab.configs.samplers import AUTOMATIC, SAMPLER_NAMES, SCHEDULE_TYPES
from traintab.errors import ConfigError
from traintab.models.diffusers_adapter import make_sampler
from traintab.models.model import Model
from traintab.sampling.denoising import denoise, initial_noise
from traintab.sampling.samplers import SAMPLERS, make_sampling, schedule_of

from .conftest import fixed_guidance

# Its exponential timesteps are cut off where all others are rounded.
NEARLY_LAST = {"DPM++ 2M SDE": 998, "DDIM": 901}
SECOND_ORDER = {"Heun", "DPM2", "DPM2 a", "DPM++ 2S a", "DPM++ SDE"}


def asked_timesteps(
    sampler: str, model: Model, steps: int, schedule_type: str = AUTOMATIC, first: int = 0
) -> list[float]:
    """The timesteps at which the UNet is asked."""
    sampling = make_sampling(sampler, model, steps, schedule_type=schedule_type, first=first)
    generators = [torch.Generator().manual_seed(1)]
    latents = sampling.start(initial_noise(model, 64, 64, generators))
    done = denoise(model, sampling, latents, fixed_guidance(), generators)
    return [float(denoised.evaluation.timestep) for denoised in done]


def with_noise_scheduler(model: Model, **options: object) -> Model:
    scheduler = make_sampler("DDPMScheduler", model.noise_scheduler.config, options)
    return dataclasses.replace(model, noise_scheduler=scheduler)


def test_every_name_of_the_form_has_a_sampler_and_no_other() -> None:
    assert tuple(SAMPLERS) == SAMPLER_NAMES


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_starts_at_the_noisiest_timestep_or_near_it(name: str, tiny_model: Model) -> None:
    timesteps = asked_timesteps(name, tiny_model, 10)

    assert timesteps[0] == NEARLY_LAST.get(name, 999)
    assert all(later < earlier + 0.01 for earlier, later in pairwise(timesteps))


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_of_second_order_ask_twice_but_in_the_last_step(name: str, tiny_model: Model) -> None:
    assert len(asked_timesteps(name, tiny_model, 5)) == (9 if name in SECOND_ORDER else 5)


@pytest.mark.parametrize("name", SAMPLERS)
def test_one_step_starts_with_pure_noise(name: str, tiny_model: Model) -> None:
    assert asked_timesteps(name, tiny_model, 1) == [998 if name == "DPM++ 2M SDE" else 999]


@pytest.mark.parametrize("schedule_type", SCHEDULE_TYPES)
@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_takes_every_schedule_type(name: str, schedule_type: str, tiny_model: Model) -> None:
    timesteps = asked_timesteps(name, tiny_model, 4, schedule_type)

    assert len(timesteps) == (7 if name in SECOND_ORDER else 4)
    assert timesteps[0] > 700


@pytest.mark.parametrize("name", sorted(set(SAMPLERS) - {"DDIM", "LCM"}))
def test_schedule_types_differ(name: str, tiny_model: Model) -> None:
    kinds = ("Uniform", "Karras", "Exponential")
    seen = {tuple(asked_timesteps(name, tiny_model, 6, schedule_type)) for schedule_type in kinds}

    assert len(seen) == 3


@pytest.mark.parametrize("name", ["DDIM", "LCM"])
def test_those_with_timesteps_of_their_own_keep_them(name: str, tiny_model: Model) -> None:
    assert schedule_of(name, "Karras") == ""
    assert asked_timesteps(name, tiny_model, 6, "Karras") == asked_timesteps(name, tiny_model, 6)


@pytest.mark.parametrize(
    ("sampler", "schedule_type", "meant"),
    [
        ("Euler", "Automatic", "Uniform"),
        ("DPM++ 2M", "Automatic", "Uniform"),
        ("DPM++ SDE", "Automatic", "Karras"),
        ("DPM2", "Automatic", "Karras"),
        ("DPM++ 2M SDE", "Automatic", "Exponential"),
        ("DPM++ 2M SDE", "Simple", "Simple"),
        ("DPM++ 2M Karras", "Automatic", "Karras"),
        ("DPM++ 2M Karras", "Exponential", "Karras"),
    ],
)
def test_automatic_is_the_sampler_s_own_schedule_type(sampler: str, schedule_type: str, meant: str) -> None:
    assert schedule_of(sampler, schedule_type) == meant


def test_a_name_of_old_is_the_sampler_with_its_schedule_type(tiny_model: Model) -> None:
    assert asked_timesteps("LMS Karras", tiny_model, 6) == asked_timesteps("LMS", tiny_model, 6, "Karras")


def test_euler_spreads_its_steps_over_all_timesteps(tiny_model: Model) -> None:
    assert asked_timesteps("Euler", tiny_model, 10) == pytest.approx([999 - 111 * step for step in range(10)])


def test_ddim_takes_every_nth_timestep_counted_from_one(tiny_model: Model) -> None:
    assert asked_timesteps("DDIM", tiny_model, 10) == [901 - 100 * step for step in range(10)]


@pytest.mark.parametrize("name", ["DPM2", "DPM2 a"])
def test_dpm2_goes_from_the_last_level_but_one_straight_to_the_picture(name: str, tiny_model: Model) -> None:
    one_more = asked_timesteps("Heun", tiny_model, 6, "Karras")

    assert asked_timesteps(name, tiny_model, 5)[-1] == one_more[-3]


@pytest.mark.parametrize("name", SAMPLERS)
def test_steps_can_be_passed_over(name: str, tiny_model: Model) -> None:
    everything = asked_timesteps(name, tiny_model, 6)

    rest = asked_timesteps(name, tiny_model, 6, first=2)

    assert rest == everything[-len(rest) :]
    assert len(rest) == (7 if name in SECOND_ORDER else 4)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_model_trained_down_to_zero_signal_starts_at_the_last_timestep(
    name: str, tiny_model: Model
) -> None:
    zero = with_noise_scheduler(tiny_model, rescale_betas_zero_snr=True, prediction_type="v_prediction")

    assert asked_timesteps(name, zero, 10)[0] >= 998


@pytest.mark.parametrize("steps", [51, 150])
def test_lcm_may_have_more_steps_than_it_was_distilled_to(steps: int, tiny_model: Model) -> None:
    assert make_sampling("LCM", tiny_model, steps).num_steps == steps


@pytest.mark.parametrize("ask", [schedule_of, lambda name: make_sampling(name, None, 4)])
def test_an_unknown_sampler_lists_the_known_ones(ask: object) -> None:
    with pytest.raises(ConfigError, match=r"no sampler called 'Guess'; use one of DPM\+\+ 2M, DPM"):
        ask("Guess")  # type: ignore[operator]
