from __future__ import annotations

from pathlib import Path

import torch

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
        current_embeddings=lambda: (current,),
    )


def test_without_a_training_there_is_none() -> None:
    assert InTraining().current() == ()


def test_from_the_run_s_start_to_its_end_it_is_as_it_is_now() -> None:
    in_training, mira = InTraining(), embedding("mira", 1.0, step=7)
    events = in_training.follow([started(mira), STEP])

    assert next(events) is not None
    assert in_training.current() == (mira,)
    assert list(events) == [STEP]
    assert in_training.current() == ()


def test_a_training_that_breaks_down_leaves_nothing_behind() -> None:
    in_training = InTraining()
    events = in_training.follow([started(embedding("mira", 1.0)), STEP])
    next(events)
    events.close()  # type: ignore[attr-defined]

    assert in_training.current() == ()
