"""Whole runs in each precision, with and without checkpointing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.errors import ModelError
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.events import StepCompleted, TrainingEvent
from traintab.training.state_files import read_newest_state
from traintab.training.unfinished import find_unfinished

Trainer = Callable[..., list[TrainingEvent]]


@pytest.fixture(params=["bf16", "fp16"])
def precision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def half(tiny_model_dir: Path, precision: str) -> Model:
    paths = Paths.under(tiny_model_dir.parent)
    return load_model(str(tiny_model_dir), paths, device="cpu", precision=precision)


def vectors(paths: Paths) -> torch.Tensor:
    return read_embedding(file_of(paths)).vectors["clip_l"]


def file_of(paths: Paths) -> Path:
    return paths.embeddings_dir / "zq.pt"


def start_over(paths: Paths, kept: bytes) -> None:
    file_of(paths).write_bytes(kept)
    shutil.rmtree(paths.log_dir, ignore_errors=True)


@pytest.mark.option("precision")
def test_half_precision_trains_nearly_as_float32_and_the_vectors_stay_float32(
    config: TrainingConfig, run_training: Trainer, half: Model, precision: str
) -> None:
    exact = losses(run_training(replace_fields(config, {"steps": 4})))
    in_half = replace_fields(config, {"steps": 8, "precision": precision})
    rounded = losses(run_training(in_half, model=half))
    assert len(rounded) == 4  # it went on from the four of before, which float32 has made
    assert rounded[0] == pytest.approx(exact[-1], rel=0.5)
    assert {weight.dtype for weight in half.unet.parameters()} == {half.dtype}
    assert not any(weight.requires_grad or weight.grad is not None for weight in half.unet.parameters())


def losses(events: list[TrainingEvent]) -> list[float]:
    return [event.loss or 0.0 for event in events if isinstance(event, StepCompleted)]


def test_a_resumed_half_precision_run_ends_with_the_very_same_file(
    config: TrainingConfig, run_training: Trainer, paths: Paths, half: Model, precision: str
) -> None:
    config = replace_fields(config, {"precision": precision})
    fresh = file_of(paths).read_bytes()
    run_training(config, model=half)
    whole = vectors(paths)
    start_over(paths, fresh)
    run_training(config, model=half, stop_at=7)
    folder = find_unfinished("zq", paths)
    assert folder is not None
    state, _told = read_newest_state(folder)
    assert state["vectors"]["clip_l"].dtype is torch.float32
    assert ("loss_scaler" in state["parts"]) is (precision == "fp16")
    run_training(config, model=half, resume=True)
    assert torch.equal(vectors(paths), whole)


def test_checkpointing_changes_no_bit_of_a_run(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    fresh, start, found = file_of(paths).read_bytes(), vectors(paths), {}
    for choice in ("off", "on"):
        start_over(paths, fresh)
        run_training(replace_fields(config, {"steps": 3, "gradient_checkpointing": choice}))
        found[choice] = vectors(paths)
    assert torch.equal(found["on"], found["off"])
    assert not torch.equal(found["on"], start)


def test_a_run_that_asks_for_another_precision_than_the_models_is_refused(
    config: TrainingConfig, run_training: Trainer
) -> None:
    with pytest.raises(ModelError, match="wants Precision bf16, but tiny-model was loaded in fp32"):
        run_training(replace_fields(config, {"precision": "bf16"}))
