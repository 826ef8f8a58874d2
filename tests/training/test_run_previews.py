"""Previews while a whole run is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, from_yaml, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.errors import ConfigError
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


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def with_fields(config: TrainingConfig, **fields: Any) -> TrainingConfig:
    return replace_fields(config, fields)


@pytest.mark.option("preview_every", "preview_prompt", "preview_seed", "save_image_with_stored_embedding")
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


@pytest.mark.parametrize("more", [{}, {"preview_prompts": "a --d 3\n[name] --w 128 --n [name]"}])
def test_previews_change_nothing_in_what_is_trained(
    config: TrainingConfig, run_training: Trainer, paths: Paths, more: dict[str, str]
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(with_fields(config, latent_sampling_method="random"))
    without = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(
        with_fields(config, latent_sampling_method="random", preview_every=1, move_to_ram=True, **more),
        render_preview=grey,
    )
    assert torch.equal(vectors_of(paths), without)


def test_a_list_gives_a_picture_a_line_and_a_card_of_the_first(
    config: TrainingConfig, run_training: Trainer
) -> None:
    wanted = with_fields(config, preview_every=12, preview_prompts="one [name]\n\ntwo --w 128 --h 192")
    events = run_training(wanted, render_preview=grey)
    folder = run_dir(events)
    saved = [event for event in events if isinstance(event, PreviewSaved)]
    assert [(event.path.name, event.number, event.prompt) for event in saved] == [
        ("zq-12.png", 1, "one zq"),
        ("zq-12-2.png", 2, "two"),
    ]
    assert [size_of(event.path) for event in saved] == [(64, 64), (128, 192)]
    assert [path.name for path in (folder / "image_embeddings").iterdir()] == ["zq-12.png"]


def test_a_bad_list_starts_nothing(config: TrainingConfig, run_training: Trainer, paths: Paths) -> None:
    with pytest.raises(ConfigError, match="line 1: --q is no setting of a preview"):
        run_training(with_fields(config, preview_prompts="x --q 1"), render_preview=grey)
    assert not paths.log_dir.exists()


def test_the_prompt_file_is_kept_by_its_whole_path(
    config: TrainingConfig, run_training: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prompts.txt").write_text("x", "utf-8")
    monkeypatch.chdir(tmp_path)
    events = run_training(with_fields(config, preview_prompts_file="prompts.txt"))
    kept = from_yaml(TrainingConfig, (run_dir(events) / "run.yaml").read_text("utf-8"))
    assert kept.preview.preview_prompts_file == str(tmp_path / "prompts.txt")


def test_a_run_is_resumed_when_its_prompt_file_is_gone(
    config: TrainingConfig, run_training: Trainer, tmp_path: Path
) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("x", "utf-8")
    wanted = with_fields(config, preview_prompts_file=str(file))
    run_training(wanted, stop_at=5)
    file.unlink()
    events = run_training(wanted, resume=True)
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert isinstance(events[-1], TrainingFinished) and any("goes on without it" in n for n in notices)


def test_a_preview_that_fails_is_told_and_training_goes_on(
    config: TrainingConfig, run_training: Trainer
) -> None:
    def fail(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise RuntimeError("CUDA out of memory. Tried to allocate a lot.")

    events = run_training(with_fields(config, preview_every=6), render_preview=fail)
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert sum("preview of step" in notice and "smaller size" in notice for notice in notices) == 2
    assert isinstance(events[-1], TrainingFinished)
