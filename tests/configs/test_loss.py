"""The settings of loss, noise and regularisation."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.configs import LossConfig, RegularisationConfig, TrainingConfig, check, from_yaml, to_yaml
from traintab.configs.mapping import replace_fields
from traintab.errors import ConfigError

RUN = replace_fields(TrainingConfig(), {"embedding_name": "mira", "data_dir": "pictures"})


@pytest.mark.parametrize(
    ("values", "message", "field"),
    [
        ({"loss_type": "l1"}, "Loss type is 'l1'; it must be one of mse, huber, smooth_l1", "loss_type"),
        ({"huber_delta": 0}, "Huber delta is 0", "huber_delta"),
        ({"min_snr_gamma": -1}, "Min SNR gamma is -1", "min_snr_gamma"),
        ({"noise_offset": 2}, "Noise offset is 2; it must be from 0 to 1", "noise_offset"),
        ({"pyramid_noise_iterations": 11}, "Pyramid noise iterations is 11", "pyramid_noise_iterations"),
        ({"max_timestep": 1001}, "Max timestep is 1001; it must be from 1 to 1000", "max_timestep"),
        (
            {"min_timestep": 600, "max_timestep": 600},
            "Min timestep 600 leaves no timestep below Max timestep 600",
            "min_timestep",
        ),
        (
            {"min_snr_gamma": 5, "debiased_weights": True},
            "Min SNR gamma 5 and Debiased estimation loss both say",
            "min_snr_gamma",
        ),
        (
            {"prior_loss_weight": 0.01, "context_word": " "},
            "Prior loss weight is 0.01, but Context word is empty; write the kind of thing",
            "context_word",
        ),
        ({"context_prompts_per_step": 0}, "Context prompts per step is 0", "context_prompts_per_step"),
    ],
)
def test_what_can_t_be_is_refused(values: dict[str, Any], message: str, field: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        check(replace_fields(RUN, values))
    assert caught.value.field == field


def test_settings_of_a_run_before_there_was_such_a_loss_still_load() -> None:
    old = to_yaml(RUN).partition("\nloss:")
    assert old[1]
    kept = [line for line in old[0].splitlines() if line]
    loaded = from_yaml(TrainingConfig, "\n".join(kept))
    assert loaded.loss == LossConfig()
    assert loaded.regularisation == RegularisationConfig()
