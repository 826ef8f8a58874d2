"""Leaving out the text encoder's last layers while training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.conditioning.conditioning import condition
from traintab.configs import GenerationConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.errors import ConfigError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.clip_skip import clip_skip_told
from traintab.training.events import Evaluated, TrainingEvent
from traintab.training.picture_loss import PromptEncoder
from traintab.training.run import start_training

Trainer = Callable[..., list[TrainingEvent]]


def test_training_sees_the_layer_that_drawing_sees(model: Model) -> None:
    zq = Embedding(name="zq", vectors={"clip_l": torch.full((2, 32), 0.1)})
    for clip_skip in (1, 2):
        encoder = PromptEncoder(model, {"zq": zq}, clip_skip=clip_skip)
        trained = encoder.encode(["a red zq"], "zq", zq.vectors).prompt_embeds
        drawn = condition(model, ["a red zq"], {"zq": zq}, clip_skip=clip_skip).prompt_embeds
        assert torch.equal(trained, drawn)


@pytest.mark.option("clip_skip")
def test_another_layer_trains_other_vectors(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    losses, vectors = [], []
    for clip_skip in (1, 2):
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        fields = {"clip_skip": clip_skip, "evaluate_every": 12}
        events = run_training(replace_fields(config, fields))
        losses.append([event.loss for event in events if isinstance(event, Evaluated)])
        vectors.append(read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"])
    assert not torch.equal(*vectors)
    assert losses[0][0] != losses[1][0]  # the same vectors, seen by the evaluation with another layer


def test_previews_leave_out_the_same_layers(config: TrainingConfig, model: Model, paths: Paths) -> None:
    drawn: list[GenerationConfig] = []

    def render(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        drawn.append(wanted)
        return Image.new("RGB", (8, 8))

    config = replace_fields(config, {"clip_skip": 2, "preview_every": 1, "steps": 1})
    list(start_training(config, model=model, paths=paths, should_stop=lambda: False, render_preview=render))
    assert [wanted.clip_skip for wanted in drawn] == [2]


def test_more_layers_than_there_are_is_refused_before_anything_is_encoded(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    with pytest.raises(ConfigError, match="Clip skip is 3, but the model's text encoder has 2 layers"):
        run_training(replace_fields(config, {"clip_skip": 3}))
    assert not list(paths.log_dir.glob("*"))


def test_a_model_that_it_means_nothing_to_is_told(model: Model, tiny_families: Any) -> None:
    assert clip_skip_told(2, model) == clip_skip_told(1, tiny_families.model("sdxl")) == ""
    told = clip_skip_told(2, tiny_families.model("sdxl"))
    assert told.startswith("Clip skip 2 changes nothing here: tiny-sdxl")
