"""Training as a job."""

from __future__ import annotations

import pytest

from traintab.configs import LoadingConfig, TrainingConfig
from traintab.errors import ConfigError
from traintab.training_job import with_loading

CHOSEN = LoadingConfig(vae="b.pt", prediction_type="v_prediction")


def test_a_new_run_keeps_how_its_model_is_loaded() -> None:
    assert with_loading(TrainingConfig(), CHOSEN, resume=False).loading == CHOSEN


def test_a_new_run_that_asks_for_another_model_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"SD VAE 'c\.pt' instead of 'b\.pt'"):
        with_loading(TrainingConfig(loading=LoadingConfig(vae="c.pt")), CHOSEN, resume=False)


def test_a_run_goes_on_when_its_model_is_loaded_as_it_was() -> None:
    config = TrainingConfig(loading=CHOSEN)

    assert with_loading(config, CHOSEN, resume=True) == config


def test_a_run_does_not_go_on_when_its_model_would_be_another() -> None:
    config = TrainingConfig(embedding_name="mira", loading=CHOSEN)

    with pytest.raises(ConfigError) as refused:
        with_loading(config, LoadingConfig(vae="b.pt"), resume=True)
    with pytest.raises(ConfigError, match=r"SD VAE 'Automatic' instead of 'b\.pt' and Prediction type"):
        with_loading(TrainingConfig(), CHOSEN, resume=True)

    assert "mira" in str(refused.value)
    assert "Prediction type 'v_prediction' instead of 'automatic', or its result" in str(refused.value)
    assert "VAE" not in str(refused.value)
