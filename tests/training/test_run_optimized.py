"""Whole runs by other rates and optimizers: what they train, and that they go on exactly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.errors import ConfigError
from traintab.paths import Paths
from traintab.training.events import TrainingEvent, TrainingNotice
from traintab.training.unfinished import config_to_resume

Trainer = Callable[..., list[TrainingEvent]]


@pytest.fixture
def trained(config: TrainingConfig, run_training: Trainer, paths: Paths) -> Callable[..., torch.Tensor]:
    """The vectors that a run with these settings ends with; interrupted and resumed on the way, if wanted."""
    start = (paths.embeddings_dir / "zq.pt").read_bytes()

    def train(stop_at: int | None = None, **settings: Any) -> torch.Tensor:
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        run_training(replace_fields(config, settings), stop_at=stop_at)
        if stop_at is not None:
            run_training(config_to_resume("zq", paths), resume=True)
        return read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"]

    return train


@pytest.mark.option(
    *("steps", "learning_rate", "batch_size", "gradient_accumulation_steps", "seed"),
    *("clip_grad_mode", "clip_grad_value", "optimizer", "weight_decay", "optimizer_betas", "optimizer_eps"),
    *("optimizer_arguments", "lr_scheduler", "lr_warmup", "lr_cycles", "lr_power", "scale_lr"),
)
def test_each_setting_changes_the_vectors(trained: Callable[..., torch.Tensor]) -> None:
    plain = {"learning_rate": "0.05", "steps": 3}
    restarts = {**plain, "lr_scheduler": "cosine with restarts"}
    polynomial = {**plain, "lr_scheduler": "polynomial"}
    settings: list[dict[str, Any]] = [
        plain,
        {**plain, "steps": 4},
        {**plain, "learning_rate": "0.04"},
        {**plain, "learning_rate": "0.05:50%, 0.01"},
        {**plain, "batch_size": 3},
        {**plain, "gradient_accumulation_steps": 2},
        {**plain, "seed": 1},
        {**plain, "clip_grad_mode": "value", "clip_grad_value": "1e-9"},
        {**plain, "clip_grad_mode": "norm", "clip_grad_value": "1e-8"},
        {**plain, "clip_grad_mode": "norm", "clip_grad_value": "2e-8"},
        {**plain, "weight_decay": 0.5},
        {**plain, "optimizer_betas": "0.5, 0.6"},
        {**plain, "optimizer_eps": 1e-3},
        {**plain, "optimizer": "Prodigy", "learning_rate": "1"},
        {**plain, "optimizer": "Prodigy", "learning_rate": "1", "optimizer_arguments": "d_coef=2"},
        {**plain, "optimizer": "Lion"},
        {**plain, "optimizer": "Adafactor"},
        {**plain, "lr_scheduler": "linear"},
        {**plain, "lr_scheduler": "cosine"},
        {**plain, "lr_warmup": "50%"},
        restarts | {"lr_cycles": 2},
        polynomial | {"lr_power": 2.0},
        {**plain, "scale_lr": True},
    ]
    vectors = [trained(**one) for one in settings]
    alike = [
        (settings[i], settings[j])
        for i in range(len(vectors))
        for j in range(i)
        if torch.equal(vectors[i], vectors[j])
    ]
    assert alike == []


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "Prodigy", "learning_rate": "1", "lr_scheduler": "cosine", "lr_warmup": "25%"},
        {
            "optimizer": "Lion",
            "lr_scheduler": "cosine with restarts",
            "lr_cycles": 3,
            "learning_rate": "0.05",
        },
        {"optimizer": "Adafactor", "optimizer_arguments": "beta1=0.9", "ema_decay": 0.9},
        {"optimizer_arguments": "amsgrad=True", "weight_decay": 0.1, "scale_lr": True},
    ],
    ids=["Prodigy", "Lion", "Adafactor", "AdamW with amsgrad"],
)
def test_resuming_is_exact_with_every_optimizer_and_curve(
    trained: Callable[..., torch.Tensor], settings: dict[str, Any]
) -> None:
    assert torch.equal(trained(stop_at=7, **settings), trained(**settings))


def test_another_optimizer_goes_on_with_the_vectors_alone_and_says_so(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(config, stop_at=4)
    changed = replace_fields(config_to_resume("zq", paths), {"optimizer": "Lion"})
    events = run_training(changed, resume=True)
    said = "\n".join(event.message for event in events if isinstance(event, TrainingNotice))
    assert "Optimizer: AdamW → Lion" in said
    assert "The optimizer begins anew" in said


def test_only_plain_adamw_leaves_what_a1111_reads_beside_the_embedding(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    config = replace_fields(config, {"save_optimizer_state": True, "steps": 2, "save_every": 0})
    run_training(replace_fields(config, {"optimizer": "Lion"}))
    companion = Path(paths.embeddings_dir / "zq.pt.optim")
    assert not companion.exists()
    run_training(replace_fields(config, {"steps": 4}))
    assert companion.exists()
    events = run_training(replace_fields(config, {"steps": 5, "optimizer": "Lion"}))
    assert not any("memory of" in event.message for event in events if isinstance(event, TrainingNotice))


def test_what_is_wrong_is_told_before_anything_is_written(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    with pytest.raises(ConfigError, match="Lion has no such setting"):
        run_training(replace_fields(config, {"optimizer": "Lion", "optimizer_eps": 1e-8}))
    assert not paths.log_dir.exists()
