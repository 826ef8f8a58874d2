"""Runs that fail: what is said, and what is left on the disk."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.errors import BusyError, EmbeddingFileError, NonFiniteError, StorageError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.events import (
    StepCompleted,
    TrainingEvent,
    TrainingFinished,
)
from traintab.training.run import start_training
from traintab.training.state_files import read_newest_state
from traintab.training.unfinished import find_unfinished

Trainer = Callable[..., list[TrainingEvent]]


def with_fields(config: TrainingConfig, **fields: Any) -> TrainingConfig:
    return replace_fields(config, fields)


def test_an_error_passes_on_and_the_last_good_step_is_kept(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    def fail(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise ZeroDivisionError("a defect")

    with pytest.raises(ZeroDivisionError):
        run_training(with_fields(config, preview_every=7), render_preview=fail)
    run = find_unfinished("zq", paths)
    assert run is not None
    assert read_newest_state(run)[0]["step"] == 7
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == 7


def test_a_breakdown_keeps_the_last_good_state_and_the_embedding_as_it_was(
    config: TrainingConfig, run_training: Trainer, paths: Paths, monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    before = (paths.embeddings_dir / "zq.pt").read_bytes()
    calls: list[None] = []
    predict = type(model).predict

    def breakdown(*arguments: Any) -> torch.Tensor:
        calls.append(None)
        return predict(*arguments) * (float("nan") if len(calls) > 6 else 1.0)

    monkeypatch.setattr(type(model), "predict", breakdown)
    with pytest.raises(NonFiniteError, match=r"step 7.*lower the learning rate \(it was 0\.01\)"):
        run_training(with_fields(config, evaluate_every=0))  # evaluations ask the model too
    assert (paths.embeddings_dir / "zq.pt").read_bytes() == before
    run = find_unfinished("zq", paths)
    assert run is not None
    state = read_newest_state(run)[0]
    assert state["step"] == 6
    assert torch.isfinite(state["vectors"]["clip_l"]).all()


def test_a_lost_run_folder_stops_training_and_the_embedding_is_saved(
    config: TrainingConfig, paths: Paths, model: Model
) -> None:
    events: Iterator[TrainingEvent] = start_training(
        config, model=model, paths=paths, should_stop=lambda: False
    )
    with pytest.raises(StorageError, match=r"bring the run's folder back"):
        for event in events:
            if isinstance(event, StepCompleted) and event.step == 3:
                shutil.rmtree(paths.log_dir)
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == 3
    assert not paths.log_dir.exists()


def test_a_full_disk_stops_training_and_leaves_the_files_whole(
    config: TrainingConfig, run_training: Trainer, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[None] = []
    replace = os.replace

    def full(source: Any, target: Any) -> None:
        if str(target).endswith("zq-5.pt") or written:
            written.append(None)
            raise OSError(28, "No space left on device")
        replace(source, target)

    before = (paths.embeddings_dir / "zq.pt").read_bytes()
    with monkeypatch.context() as patch, pytest.raises(StorageError, match="No space left on device"):
        patch.setattr(os, "replace", full)
        run_training(config)
    assert (paths.embeddings_dir / "zq.pt").read_bytes() == before
    run = find_unfinished("zq", paths)
    assert run is not None
    assert read_newest_state(run)[0]["step"] == 5
    assert not list(run.path.rglob("*.tmp"))


def test_the_same_embedding_is_not_trained_twice_at_once(
    config: TrainingConfig, paths: Paths, model: Model, run_training: Trainer
) -> None:
    first = start_training(config, model=model, paths=paths, should_stop=lambda: False)
    next(first)
    with pytest.raises(BusyError, match="'zq' is being trained by this program"):
        run_training(config)
    first.close()
    assert isinstance(run_training(config)[-1], TrainingFinished)


def test_an_embedding_of_another_width_is_refused(
    config: TrainingConfig, run_training: Trainer, model: Model
) -> None:
    class Wide:
        name, width = "clip_l", 64

    with pytest.raises(EmbeddingFileError, match=r"width 32 \(clip_l\), but .* needs 64"):
        run_training(config, model=dataclasses.replace(model, text_encoders=(Wide(),)))
