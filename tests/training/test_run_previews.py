"""Previews while a whole run is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.paths import Paths
from traintab.training.events import (
    PreviewSaved,
    StepCompleted,
    TrainingEvent,
    TrainingFinished,
    TrainingNotice,
    TrainingStarted,
)

Trainer = Callable[..., list[TrainingEvent]]


def vectors_of(paths: Paths, name: str = "zq") -> torch.Tensor:
    return read_embedding(paths.embeddings_dir / f"{name}.pt").vectors["clip_l"]


def run_dir(events: list[TrainingEvent]) -> Path:
    return next(event.run_dir for event in events if isinstance(event, TrainingStarted))


def grey(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
    """A renderer that draws next to nothing, and disturbs all of torch's global randomness."""
    torch.manual_seed(config.seed)
    torch.rand(7)
    assert embeddings
    return Image.new("RGB", (config.width or 64, config.height or 64), "grey")


def with_fields(config: TrainingConfig, **fields: Any) -> TrainingConfig:
    return replace_fields(config, fields)


def test_previews_are_drawn_with_the_vectors_of_their_step(
    config: TrainingConfig, run_training: Trainer
) -> None:
    seen: list[tuple[GenerationConfig, Embedding]] = []

    def render(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        seen.append((wanted, embeddings["zq"]))
        return grey(wanted, embeddings)

    config = with_fields(config, preview_every=4, preview_prompt="[name] in rain", preview_seed=9)
    events = run_training(config, render_preview=render)
    folder = run_dir(events)
    saved = [event for event in events if isinstance(event, PreviewSaved)]
    assert [(event.step, event.path) for event in saved] == [
        (step, folder / "images" / f"zq-{step}.png") for step in (4, 8, 12)
    ]
    assert [embedding.step for _, embedding in seen] == [4, 8, 12]
    wanted = seen[0][0]
    assert (wanted.prompt, wanted.seed, wanted.width, wanted.height) == ("zq in rain", 9, 64, 64)
    for step, (_, embedding) in zip((4, 8, 12), seen, strict=True):
        card = read_embedding(folder / "image_embeddings" / f"zq-{step}.png")
        assert torch.equal(card.vectors["clip_l"], embedding.vectors["clip_l"])


def test_without_a_prompt_a_preview_shows_what_was_just_trained_on(
    config: TrainingConfig, run_training: Trainer
) -> None:
    events = run_training(with_fields(config, preview_every=6), render_preview=grey)
    preview = next(event for event in events if isinstance(event, PreviewSaved))
    step = next(event for event in events if isinstance(event, StepCompleted) and event.step == 6)
    assert preview.prompt == step.prompt
    assert "zq" in preview.prompt


def test_previews_change_nothing_in_what_is_trained(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(with_fields(config, latent_sampling_method="random"))
    without = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(
        with_fields(config, latent_sampling_method="random", preview_every=1, move_to_ram=True),
        render_preview=grey,
    )
    assert torch.equal(vectors_of(paths), without)


def test_a_preview_that_fails_is_told_and_training_goes_on(
    config: TrainingConfig, run_training: Trainer
) -> None:
    def fail(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise RuntimeError("CUDA out of memory. Tried to allocate a lot.")

    events = run_training(with_fields(config, preview_every=6), render_preview=fail)
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert sum("preview of step" in notice and "smaller size" in notice for notice in notices) == 2
    assert isinstance(events[-1], TrainingFinished)
