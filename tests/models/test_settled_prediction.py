from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from traintab.errors import ModelError
from traintab.models.diffusers_adapter import config_of
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.models.settled_prediction import settle_prediction
from traintab.paths import Paths


def unsettled(model: Model) -> Model:
    return replace(model, prediction_source="")


def test_a_model_whose_files_say_it_stays_as_it_is(tiny_model: Model) -> None:
    assert settle_prediction(tiny_model) is tiny_model


@pytest.mark.option("prediction_type")
def test_the_user_s_choice_comes_before_the_files(tiny_model: Model) -> None:
    settled = settle_prediction(tiny_model, "v_prediction")

    assert settled.prediction_type == "v_prediction"
    assert settled.prediction_source == "It was chosen in the settings."
    assert tiny_model.prediction_type == "epsilon"
    assert torch.equal(settled.noise_scheduler.alphas_cumprod, tiny_model.noise_scheduler.alphas_cumprod)


def test_zero_terminal_snr_ends_in_pure_noise_and_can_be_taken_back(tiny_model: Model) -> None:
    settled = settle_prediction(tiny_model, "v_prediction_ztsnr")
    again = settle_prediction(settled, "epsilon")

    assert float(settled.noise_scheduler.alphas_cumprod[-1]) < 1e-6
    assert config_of(settled.noise_scheduler, "timestep_spacing") == "trailing"
    assert torch.equal(again.noise_scheduler.alphas_cumprod, tiny_model.noise_scheduler.alphas_cumprod)


def test_a_word_that_is_no_choice_is_told(tiny_model: Model) -> None:
    with pytest.raises(ModelError, match="prediction type 'vee' is unknown"):
        settle_prediction(tiny_model, "vee")


@pytest.mark.parametrize(
    ("name", "usual", "words"),
    [
        ("sd1", "epsilon", "Stable Diffusion 1 mostly predicts epsilon"),
        ("sd2", "v_prediction", "Stable Diffusion 2 mostly predicts v"),
        ("sdxl", "epsilon", "Stable Diffusion XL mostly predicts epsilon"),
        ("sd1-inpainting", "epsilon", "Stable Diffusion 1"),
    ],
)
def test_random_weights_tell_nothing_and_the_family_decides(
    tiny_families: Any, name: str, usual: str, words: str
) -> None:
    settled = settle_prediction(unsettled(tiny_families.model(name)))

    assert settled.prediction_type == usual
    assert words in settled.prediction_source


def test_a_trained_unet_tells_by_its_answers() -> None:
    """The demo model, the one trained model at hand, predicts v."""
    demo = load_model("demo", Paths.under(), device="cpu")
    noise_levels = settle_prediction(demo, "epsilon").noise_scheduler

    settled = settle_prediction(replace(demo, noise_scheduler=noise_levels, prediction_source=""))

    assert settled.prediction_type == demo.prediction_type
    assert "the answers of its UNet" in settled.prediction_source
