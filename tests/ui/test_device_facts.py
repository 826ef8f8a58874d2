"""The page tells which device computes, in which number format and why, and how much memory is in use."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from traintab.model_slot import ModelState, ModelStatus
from traintab.models import memory
from traintab.models.memory import MemoryUse
from traintab.ui.device_facts import device_facts, facts_html

GIB = 2**30


def loaded(studio: Any, **changes: Any) -> dict[str, str]:
    """The facts of a studio with such a model."""
    model = {
        "name": "dream",
        "family": "sdxl",
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "prediction_type": "epsilon",
        "prediction_source": "",
    }
    studio.model_status = ModelStatus(spec="dream", state=ModelState.READY)
    studio.model = SimpleNamespace(**{**model, **changes})
    return device_facts(studio)


def test_before_a_model_is_there_its_status_is_told_and_nothing_waits(studio: Any) -> None:
    assert device_facts(studio) == {"Model": "demo loads when it is needed."}
    studio.model_status = ModelStatus(spec="demo", state=ModelState.LOADING, message="Loading the unet")
    assert device_facts(studio) == {"Model": "Loading the unet"}


def test_a_loaded_model_is_told_with_family_device_and_reason(studio: Any) -> None:
    found = loaded(studio)

    assert found["Model"] == "dream, Stable Diffusion XL"
    assert found["Device"].startswith("cpu. ") and "float32" in found["Device"]
    assert found["Precision"] == "Everything in float32."


def test_half_precision_is_told_to_spare_the_encoders_and_the_vae(studio: Any) -> None:
    assert loaded(studio, dtype=torch.bfloat16)["Precision"].startswith(
        "UNet in bfloat16; text encoders and VAE in float32, because"
    )


@pytest.mark.parametrize(
    ("kind", "source", "told"),
    [
        ("epsilon", "", "the noise (eps)"),
        ("v_prediction", "The file's key v_pred says so.", "v. The file's key v_pred says so."),
        ("sample", "", "sample"),
    ],
)
def test_what_the_unet_predicts_is_told_with_what_decided_it(
    studio: Any, kind: str, source: str, told: str
) -> None:
    assert loaded(studio, prediction_type=kind, prediction_source=source)["Predicts"] == told


def test_main_memory_is_told_in_figures(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    use = MemoryUse(allocated=2 * GIB, held=2 * GIB, free=5 * GIB, total=16 * GIB)
    monkeypatch.setattr(memory, "memory_use", lambda device: use)

    assert loaded(studio)["Memory"] == "2.0 GiB in use; 5.0 GiB of 16.0 GiB are free."


def test_a_card_s_memory_is_told_with_its_peak_and_other_programs(
    studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use = MemoryUse(allocated=2 * GIB, held=3 * GIB, free=4 * GIB, total=8 * GIB, peak=3 * GIB)
    monkeypatch.setattr(memory, "memory_use", lambda device: use)
    monkeypatch.setattr("traintab.models.devices.reason_of", lambda device: "A card.")

    assert loaded(studio, device=torch.device("cuda"))["Memory"] == (
        "2.0 GiB in use, at most 3.0 GiB so far; 4.0 GiB of 8.0 GiB are free; other programs and the driver"
        " hold 1.0 GiB."
    )


def test_a_device_that_does_not_tell_its_memory_is_said_to(
    studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "memory_use", lambda device: None)

    assert loaded(studio)["Memory"] == "This device doesn't tell."


def test_a_name_cannot_carry_html() -> None:
    found = facts_html({"Model": "<img src=x>", "Memory": "1 GiB"})

    assert "<img" not in found
    assert found.count("<dt>") == found.count("<dd>") == 2
