from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.drawing import InTraining
from traintab.embeddings.embedding import Embedding
from traintab.training.events import StepCompleted, TrainingStarted

STEP = StepCompleted(step=1, epoch=1, loss=0.1, learning_rate=0.1)


def embedding(name: str, value: float, step: int | None = None) -> Embedding:
    return Embedding(name=name, vectors={"clip_l": torch.full((1, 4), value)}, step=step)


def started(current: Embedding) -> TrainingStarted:
    return TrainingStarted(
        step=0,
        total_steps=2,
        steps_per_epoch=1,
        num_images=1,
        run_dir=Path(),
        current_embedding=lambda: current,
    )


@pytest.fixture
def on_disk() -> dict[str, Embedding]:
    return {"mira": embedding("mira", 0.0), "ben": embedding("ben", 0.0)}


def test_without_a_training_the_embeddings_are_those_of_the_folder(on_disk: dict[str, Embedding]) -> None:
    assert InTraining().added_to(on_disk, GenerationConfig(prompt="mira")) == (on_disk, [])


def test_from_the_run_s_start_to_its_end_the_trained_one_is_as_it_is_now(
    on_disk: dict[str, Embedding],
) -> None:
    in_training, current = InTraining(), embedding("mira", 1.0, step=7)
    events = in_training.follow([started(current), STEP])
    prompt = GenerationConfig(prompt="a photo of Mira")

    assert next(events) is not None
    found, notes = in_training.added_to(on_disk, prompt)
    assert found == {**on_disk, "mira": current}
    assert notes == ["mira is drawn as it is after step 7 of its training."]
    assert list(events) == [STEP]
    assert in_training.added_to(on_disk, prompt) == (on_disk, [])


def test_a_prompt_without_the_name_is_told_nothing(on_disk: dict[str, Embedding]) -> None:
    in_training = InTraining()
    events = in_training.follow([started(embedding("mira", 1.0)), STEP])
    next(events)

    assert in_training.added_to(on_disk, GenerationConfig(prompt="ben"))[1] == []
    assert in_training.added_to(on_disk, GenerationConfig(negative_prompt="mira"))[1] != []


def test_a_training_that_breaks_down_leaves_nothing_behind(on_disk: dict[str, Embedding]) -> None:
    in_training = InTraining()
    events = in_training.follow([started(embedding("mira", 1.0)), STEP])
    next(events)
    events.close()  # type: ignore[attr-defined]

    assert in_training.added_to(on_disk, GenerationConfig(prompt="mira")) == (on_disk, [])
