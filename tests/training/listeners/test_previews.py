"""Previews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from PIL import Image

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.errors import MemoryShortageError, StorageError
from traintab.training.events import PreviewSaved, StepCompleted, TrainingNotice
from traintab.training.listeners.previews import Previews
from traintab.training.record import RunRecord
from traintab.training.state import TrainingState

Make = Callable[..., TrainingState]
MakeRecord = Callable[..., RunRecord]


def record(make_record: MakeRecord, **fields: Any) -> RunRecord:
    return make_record(preview_every=2, **fields)


def step(number: int) -> StepCompleted:
    return StepCompleted(step=number, epoch=1, loss=1.0, learning_rate=1.0, prompt="a red cat")


def drawn(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
    image = Image.new("RGB", (8, 8))
    image.info["parameters"] = f"{config.prompt}\nSteps: {config.num_inference_steps}, 猫"
    return image


@pytest.mark.option("preview_steps", "preview_guidance_scale", "preview_sampler")
def test_a_preview_carries_its_generation_parameters(make_record: MakeRecord, make_state: Make) -> None:
    run = record(make_record, preview_steps=7)
    (saved,) = Previews(run, drawn).hear(step(2), make_state(step=2))
    assert saved == PreviewSaved(step=2, path=run.folder.preview(2), prompt="a red cat")
    with Image.open(run.folder.preview(2)) as image:
        assert image.info["parameters"] == "a red cat\nSteps: 7, 猫"


def test_when_interrupted_the_pictures_that_are_left_are_not_drawn(
    make_record: MakeRecord, make_state: Make
) -> None:
    asked: list[str] = []

    def draw_one(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image | None:
        asked.append(config.prompt)
        return drawn(config, embeddings) if len(asked) == 1 else None

    run = record(make_record, preview_prompts="one\ntwo\nthree")
    (saved,) = Previews(run, draw_one).hear(step(2), make_state(step=2))
    assert isinstance(saved, PreviewSaved) and saved.number == 1 and asked == ["one", "two"]


def test_a_list_of_which_one_fails_is_drawn_for_the_rest(make_record: MakeRecord, make_state: Make) -> None:
    def fail_once(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        if config.prompt == "two":
            raise MemoryShortageError("Too large.")
        return drawn(config, embeddings)

    run = record(make_record, preview_prompts="one\ntwo\nthree")
    first, notice, third = Previews(run, fail_once).hear(step(2), make_state(step=2))
    assert isinstance(first, PreviewSaved) and isinstance(third, PreviewSaved) and third.number == 3
    assert notice == TrainingNotice(message="Preview 2 of step 2 failed; training goes on. Too large.")


def test_other_steps_are_passed_over(make_record: MakeRecord, make_state: Make) -> None:
    assert list(Previews(record(make_record), drawn).hear(step(3), make_state())) == []


@pytest.mark.parametrize("passes", [StorageError, ZeroDivisionError])
def test_a_full_disk_and_defects_pass(
    make_record: MakeRecord, make_state: Make, passes: type[Exception]
) -> None:
    def fail(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise passes("no")

    with pytest.raises(passes):
        list(Previews(record(make_record), fail).hear(step(2), make_state()))


def test_a_shortage_of_memory_is_a_notice(make_record: MakeRecord, make_state: Make) -> None:
    def fail(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise MemoryShortageError("Too large.")

    (notice,) = Previews(record(make_record), fail).hear(step(2), make_state(step=2))
    assert notice == TrainingNotice(message="The preview of step 2 failed; training goes on. Too large.")
