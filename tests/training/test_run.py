"""Whole runs on the tiny model."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import TrainingConfig, from_yaml, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.events import (
    BestStep,
    CheckpointSaved,
    Evaluated,
    StepCompleted,
    TrainingEvent,
    TrainingFinished,
    TrainingInterrupted,
    TrainingNotice,
    TrainingStarted,
)

Trainer = Callable[..., list[TrainingEvent]]


def vectors_of(paths: Paths, name: str = "zq") -> torch.Tensor:
    return read_embedding(paths.embeddings_dir / f"{name}.pt").vectors["clip_l"]


def run_dir(events: list[TrainingEvent]) -> Path:
    return next(event.run_dir for event in events if isinstance(event, TrainingStarted))


def with_fields(config: TrainingConfig, **fields: Any) -> TrainingConfig:
    return replace_fields(config, fields)


def test_a_run_tells_its_story_in_order(config: TrainingConfig, run_training: Trainer, paths: Paths) -> None:
    events = run_training(with_fields(config, evaluate_every=10))
    aside = (TrainingNotice, BestStep)
    kinds = [type(event) for event in events if not isinstance(event, aside)]
    five, saved, judged = [StepCompleted] * 5, CheckpointSaved, Evaluated
    expected = [
        TrainingStarted,
        judged,
        *five,
        saved,
        *five,
        saved,
        judged,
        *five[:2],
        judged,
        TrainingFinished,
    ]
    assert kinds == expected
    last = events[-1]
    assert isinstance(last, TrainingFinished)
    assert (last.step, last.path) == (12, paths.embeddings_dir / "zq.pt")


@pytest.mark.option("embedding_name")
def test_the_embedding_is_updated_and_knows_its_step_and_model(
    config: TrainingConfig, run_training: Trainer, paths: Paths, model: Model
) -> None:
    before = vectors_of(paths)
    run_training(config)
    embedding = read_embedding(paths.embeddings_dir / "zq.pt")
    assert embedding.step == 12
    assert (embedding.sd_checkpoint, embedding.sd_checkpoint_name) == (model.checkpoint_hash, model.name)
    assert not torch.equal(embedding.vectors["clip_l"], before)
    assert embedding.vectors["clip_l"].shape == (2, 32)


def test_the_model_is_left_as_it_was(config: TrainingConfig, run_training: Trainer, model: Model) -> None:
    parts = (model.unet, model.text_encoders[0].module, model.vae)
    before = [{name: tensor.clone() for name, tensor in part.state_dict().items()} for part in parts]
    run_training(config)
    for part, kept in zip(parts, before, strict=True):
        assert all(torch.equal(tensor, kept[name]) for name, tensor in part.state_dict().items())
        assert all(parameter.grad is None for parameter in part.parameters())


def test_copies_hold_the_step_of_their_label(config: TrainingConfig, run_training: Trainer) -> None:
    folder = run_dir(run_training(with_fields(config, evaluate_every=0))) / "embeddings"
    assert sorted(path.name for path in folder.iterdir()) == ["zq-10.pt", "zq-5.pt"]
    assert [read_embedding(folder / f"zq-{step}.pt").step for step in (5, 10)] == [5, 10]


def test_a_second_run_of_the_day_has_its_own_folder(config: TrainingConfig, run_training: Trainer) -> None:
    first = run_dir(run_training(config))
    second = run_dir(run_training(with_fields(config, steps=14)))
    assert (first.name, second.name) == ("zq", "zq-2")
    assert first.parent == second.parent


@pytest.mark.option("steps")
def test_raising_the_steps_of_a_finished_embedding_goes_on(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(config)
    events = run_training(with_fields(config, steps=15))
    assert [event.step for event in events if isinstance(event, StepCompleted)] == [13, 14, 15]
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == 15


def test_run_yaml_reruns_the_run(
    config: TrainingConfig, run_training: Trainer, paths: Paths, model: Model
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    folder = run_dir(run_training(config))
    first = vectors_of(paths)
    again = from_yaml(TrainingConfig, (folder / "run.yaml").read_text(encoding="utf-8"))
    assert (again.dataset.width, again.dataset.height) == (model.default_size, model.default_size)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(again)
    assert torch.equal(vectors_of(paths), first)


def test_the_loss_table_has_the_web_ui_s_columns(config: TrainingConfig, run_training: Trainer) -> None:
    events = run_training(config)
    with (run_dir(events) / "textual_inversion_loss.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["step", "epoch", "epoch_step", "loss", "learn_rate"]
    assert [int(row["step"]) for row in rows] == list(range(1, 13))
    assert [(row["epoch"], row["epoch_step"]) for row in rows[:3]] == [("0", "0"), ("0", "1"), ("1", "0")]
    assert [row["learn_rate"] for row in rows[5:7]] == ["0.05", "0.01"]
    losses = [event.loss for event in events if isinstance(event, StepCompleted)]
    assert [row["loss"] for row in rows] == [f"{loss:.7f}" for loss in losses]


def test_settings_are_saved_under_the_web_ui_s_names(
    config: TrainingConfig, run_training: Trainer, model: Model, pictures: Path
) -> None:
    (file,) = run_dir(run_training(config)).glob("settings-*.json")
    settings = json.loads(file.read_text(encoding="utf-8"))
    expected = {
        "model_name": model.name,
        "num_of_dataset_images": 5,
        "num_vectors_per_token": 2,
        "embedding_name": "zq",
        "learn_rate": "0.05:6, 0.01",
        "batch_size": 2,
        "data_root": str(pictures),
        "steps": 12,
        "initial_step": 0,
        "training_width": 64,
    }
    assert {key: settings[key] for key in expected} == expected


def test_stopping_while_pictures_are_encoded_changes_nothing(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    before = (paths.embeddings_dir / "zq.pt").read_bytes()
    events = run_training(config, should_stop=lambda: True)
    assert isinstance(events[-1], TrainingInterrupted)
    assert "before the first step" in events[-1].message
    assert (paths.embeddings_dir / "zq.pt").read_bytes() == before
    assert not any(paths.log_dir.iterdir())


def test_batches_are_cut_to_the_pictures_there_are_and_that_is_said(
    config: TrainingConfig, run_training: Trainer
) -> None:
    events = run_training(with_fields(config, batch_size=50, gradient_accumulation_steps=4))
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert any("Batch size is 5 instead of 50" in notice for notice in notices)
    assert any("accumulation is 1 instead of 4" in notice for notice in notices)


@pytest.mark.option("move_to_ram")
def test_the_vae_waits_in_ram_and_comes_back(
    config: TrainingConfig, run_training: Trainer, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves: list[Any] = []
    to = torch.nn.Module.to

    def spied(module: torch.nn.Module, target: Any) -> torch.nn.Module:
        if module is model.vae:
            moves.append(str(target))
        return to(module, target)

    monkeypatch.setattr(torch.nn.Module, "to", spied)
    run_training(with_fields(config, move_to_ram=True))
    assert moves == ["cpu", "cpu"]


def test_another_embedding_named_by_a_caption_takes_part(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    from traintab.embeddings.formats import write_embedding

    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    for picture in Path(config.dataset.data_dir).glob("*.png"):
        picture.with_suffix(".txt").write_text("xw cat", encoding="utf-8")
    run_training(config)
    without = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    other = Embedding(name="xw", vectors={"clip_l": torch.ones(3, 32)})
    write_embedding(other, paths.embeddings_dir / "xw.pt")
    run_training(config)
    assert not torch.equal(vectors_of(paths), without)
    assert torch.equal(vectors_of(paths, "xw"), torch.ones(3, 32))
