from __future__ import annotations

import dataclasses

import pytest

from traintab.configs.generation import SAMPLER_NAMES
from traintab.errors import ConfigError
from traintab.models.diffusers_adapter import make_sampler
from traintab.models.model import Model
from traintab.sampling.samplers import SAMPLERS, make_scheduler


def test_every_name_of_the_form_has_a_sampler_and_no_other() -> None:
    assert tuple(SAMPLERS) == SAMPLER_NAMES


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_scheduler_has_the_model_s_noise_levels_and_prediction_type(name: str, tiny_model: Model) -> None:
    v_scheduler = make_sampler(
        "DDPMScheduler", tiny_model.noise_scheduler.config, {"prediction_type": "v_prediction"}
    )
    v_model = dataclasses.replace(tiny_model, noise_scheduler=v_scheduler)

    config = make_scheduler(name, v_model).config

    assert config["prediction_type"] == "v_prediction"
    assert (config["beta_schedule"], config["beta_start"]) == ("scaled_linear", 0.00085)


def test_each_call_gives_a_fresh_scheduler(tiny_model: Model) -> None:
    assert make_scheduler("DPM++ 2M", tiny_model) is not make_scheduler("DPM++ 2M", tiny_model)


def test_karras_has_its_own_noise_levels(tiny_model: Model) -> None:
    plain, karras = make_scheduler("DPM++ 2M", tiny_model), make_scheduler("DPM++ 2M Karras", tiny_model)
    plain.set_timesteps(10)
    karras.set_timesteps(10)

    assert plain.timesteps.tolist() != karras.timesteps.tolist()


def test_euler_spreads_its_steps_over_all_timesteps(tiny_model: Model) -> None:
    scheduler = make_scheduler("Euler", tiny_model)
    scheduler.set_timesteps(10)

    assert scheduler.timesteps.tolist() == pytest.approx([999 - 111 * step for step in range(10)])


def test_ddim_takes_every_nth_timestep_counted_from_one(tiny_model: Model) -> None:
    scheduler = make_scheduler("DDIM", tiny_model)
    scheduler.set_timesteps(10)

    assert scheduler.timesteps.tolist() == [901 - 100 * step for step in range(10)]


def test_a_model_trained_down_to_zero_signal_starts_at_the_last_timestep(tiny_model: Model) -> None:
    options = {"rescale_betas_zero_snr": True, "prediction_type": "v_prediction"}
    zero = make_sampler("DDPMScheduler", tiny_model.noise_scheduler.config, options)

    scheduler = make_scheduler("DDIM", dataclasses.replace(tiny_model, noise_scheduler=zero))
    scheduler.set_timesteps(10)

    assert scheduler.timesteps[0] == 999


def test_an_unknown_sampler_lists_the_known_ones(tiny_model: Model) -> None:
    with pytest.raises(ConfigError, match="no sampler called 'Guess'; use one of DPM"):
        make_scheduler("Guess", tiny_model)
