"""The checkpoint's own VAE sees the training pictures, unless another one is asked for."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.events import TrainingEvent, TrainingNotice
from traintab.training.run_folder import runs_of

Trainer = Callable[..., list[TrainingEvent]]


def shifted(vae: torch.nn.Module) -> torch.nn.Module:
    """A VAE of other numbers."""
    other = copy.deepcopy(vae)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(1.05)
    return other


@pytest.fixture
def other(model: Model) -> Model:
    """The tiny model with another VAE selected."""
    return dataclasses.replace(
        model, vae=shifted(model.vae), vae_name="other.pt", load_own_vae=lambda: model.vae
    )


def trained(run_training: Trainer, config: TrainingConfig, paths: Paths, model: Model) -> torch.Tensor:
    """The vectors after a run from the beginning."""
    from traintab.embeddings.formats import read_embedding

    untrained = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(config, model=model)
    vectors = read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"]
    (paths.embeddings_dir / "zq.pt").write_bytes(untrained)
    return vectors


def test_a_selected_vae_changes_nothing_in_what_is_trained(
    config: TrainingConfig, paths: Paths, run_training: Trainer, model: Model, other: Model
) -> None:
    quick = replace_fields(config, {"steps": 2})

    plain = trained(run_training, quick, paths, model)

    assert torch.equal(trained(run_training, quick, paths, other), plain)
    events = run_training(quick, model=other)
    told = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert "The pictures are encoded by the VAE of tiny-model; other.pt is for drawing alone." in told


@pytest.mark.option("train_with_selected_vae")
def test_the_selected_one_trains_when_it_is_asked_for_and_run_yaml_says_so(
    config: TrainingConfig, paths: Paths, run_training: Trainer, model: Model, other: Model
) -> None:
    quick = replace_fields(config, {"steps": 2})
    wanted = replace_fields(quick, {"train_with_selected_vae": True})

    plain = trained(run_training, quick, paths, model)

    assert not torch.equal(trained(run_training, wanted, paths, other), plain)
    run = runs_of("zq", paths.log_dir)[-1]
    assert yaml.safe_load(run.run_yaml.read_text("utf-8"))["dataset"]["train_with_selected_vae"] is True
    events = run_training(wanted, model=other)
    told = " ".join(event.message for event in events if isinstance(event, TrainingNotice))
    assert "encoded by the selected VAE other.pt, which tiny-model wasn't trained with" in told


def test_a_checkpoint_without_a_vae_trains_with_the_selected_one(
    config: TrainingConfig, paths: Paths, run_training: Trainer, other: Model
) -> None:
    pruned = dataclasses.replace(other, load_own_vae=lambda: None)

    events = run_training(replace_fields(config, {"steps": 1}), model=pruned)

    told = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert "tiny-model has no VAE of its own, so the pictures are encoded by other.pt." in told


@pytest.mark.option("vae")
def test_previews_are_drawn_with_the_selected_one(
    config: TrainingConfig, run_training: Trainer, other: Model
) -> None:
    from PIL import Image

    drawn_with = []

    def render(_config: Any, _embeddings: Any) -> Image.Image:
        drawn_with.append(next(other.vae.parameters()).device)
        return Image.new("RGB", (64, 64))

    wanted = replace_fields(config, {"steps": 2, "preview_every": 1})
    run_training(wanted, model=other, render_preview=render)

    assert drawn_with == [torch.device("cpu")] * 2


def test_an_inpainting_model_is_told_of_the_grey_picture_by_the_vae_it_trains_with(
    config: TrainingConfig, paths: Paths, run_training: Trainer, tiny_families: Any, pictures: Path
) -> None:
    own = tiny_families.model("sd1-inpainting")
    (paths.embeddings_dir / "zq.pt").unlink()
    create_embedding(CreateConfig(name="zq", initialization_text="cat"), model=own, paths=paths)
    chosen = dataclasses.replace(config, model=str(tiny_families.folder("sd1-inpainting")))
    quick = replace_fields(chosen, {"steps": 2})
    other = dataclasses.replace(
        own, vae=shifted(own.vae), vae_name="other.pt", load_own_vae=lambda: copy.deepcopy(own.vae)
    )

    plain = trained(run_training, quick, paths, own)

    assert torch.equal(trained(run_training, quick, paths, other), plain)
