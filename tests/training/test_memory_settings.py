"""The model while it is trained on, and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from traintab.configs import MemoryConfig, TrainingConfig, replace_fields
from traintab.models.model import Model
from traintab.training.memory_settings import memory_settings


def held(module: torch.nn.Module) -> int:
    return sum(weight.untyped_storage().nbytes() for weight in module.parameters())


def test_on_the_processor_the_vae_waits_on_the_disk(model: Model, tmp_path: Path) -> None:
    before = held(model.vae)
    with memory_settings(TrainingConfig(), model, tmp_path):
        assert held(model.vae) < before / 50
    assert held(model.vae) == before


@pytest.mark.parametrize("choice", ["auto", "on", "off"])
@pytest.mark.option("gradient_checkpointing")
def test_only_on_switches_checkpointing_on_at_once_and_none_leaves_it_on(
    model: Model, tmp_path: Path, choice: str
) -> None:
    config = TrainingConfig(memory=MemoryConfig(gradient_checkpointing=choice))
    with memory_settings(config, model, tmp_path):
        assert model.unet.training is (choice == "on")
        if choice == "auto":  # as a probe does
            model.unet.enable_gradient_checkpointing()  # type: ignore[operator]
    assert not any(getattr(module, "gradient_checkpointing", False) for module in model.unet.modules())
    assert not model.unet.training


@pytest.mark.option("deterministic")
def test_a_card_is_deterministic_only_where_that_is_wanted(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    card = replace(model, device=torch.device("cuda"))
    for is_wanted in (True, False):
        config = replace_fields(TrainingConfig(), {"deterministic": is_wanted})
        with memory_settings(config, card, tmp_path):
            assert torch.are_deterministic_algorithms_enabled() is is_wanted
    assert not torch.are_deterministic_algorithms_enabled()


def test_what_a_step_frees_the_next_one_uses(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[torch.device] = []

    @contextmanager
    def recorded(device: torch.device) -> Iterator[None]:
        kept.append(device)
        yield
        kept.clear()

    monkeypatch.setattr("traintab.training.memory_settings.memory_kept", recorded)
    with memory_settings(TrainingConfig(), model, tmp_path):
        assert kept == [model.device]
    assert kept == []
