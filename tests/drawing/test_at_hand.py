from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.drawing import DrawingRequest, InTraining
from traintab.drawing.at_hand import EmbeddingsAtHand
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.embeddings.library import EmbeddingLibrary
from traintab.models.loading import load_model
from traintab.paths import Paths
from traintab.training.events import TrainingStarted

WIDTHS = {"clip_l": 768}
MODEL = cast(Any, SimpleNamespace(widths=WIDTHS))


def embedding(name: str, value: float) -> Embedding:
    return Embedding(name=name, vectors={"clip_l": torch.full((1, 768), value)})


def put(folder: Path, name: str, value: float) -> None:
    folder.mkdir(exist_ok=True)
    write_embedding(embedding(name, value), folder / f"{name}.pt")


@pytest.fixture
def model(tiny_model_dir: Path) -> Any:
    """One that can divide prompts into tokens."""
    tiny_model = load_model(str(tiny_model_dir), Paths.under(tiny_model_dir.parent), device="cpu")
    return SimpleNamespace(widths=WIDTHS, text_encoders=tiny_model.text_encoders)


@pytest.fixture
def told(at_hand: EmbeddingsAtHand, model: Any) -> Any:
    """`told("a prompt", embedding)` gives the sentences on a drawing."""

    def notes(prompt: str, *given: Embedding, negative_prompt: str = "") -> Any:
        config = GenerationConfig(prompt=prompt, negative_prompt=negative_prompt)
        request = DrawingRequest(config=config, embeddings={each.name: each for each in given})
        return at_hand(model, request)[1]

    return notes


def found(at_hand: EmbeddingsAtHand, *given: Embedding, model: Any = MODEL) -> dict[str, float]:
    """What each name stands for."""
    request = DrawingRequest(config=GenerationConfig(), embeddings={each.name: each for each in given})
    embeddings, _ = at_hand(model, request)
    return {name: float(each.vectors["clip_l"][0, 0]) for name, each in embeddings.items()}


@pytest.fixture
def at_hand(tmp_path: Path) -> EmbeddingsAtHand:
    library = EmbeddingLibrary(tmp_path / "own")
    put(tmp_path / "own", "mira", 1.0)
    put(tmp_path / "other", "ben", 2.0)
    return EmbeddingsAtHand(lambda: library, lambda: [tmp_path / "other"], InTraining())


def test_own_files_and_those_of_other_programs_can_be_named(at_hand: EmbeddingsAtHand) -> None:
    assert found(at_hand) == {"mira": 1.0, "ben": 2.0}


def test_what_lies_in_files_is_told_without_a_drawing(at_hand: EmbeddingsAtHand) -> None:
    assert set(at_hand.on_disk()) == set(at_hand.on_disk({"clip_l": 768})) == {"ben", "mira"}
    assert at_hand.on_disk({"clip_h": 1024}) == {}


def test_a_file_that_was_dropped_just_now_is_there(at_hand: EmbeddingsAtHand, tmp_path: Path) -> None:
    found(at_hand)
    put(tmp_path / "own", "zoe", 3.0)

    assert found(at_hand)["zoe"] == 3.0


def test_an_own_file_counts_before_another_program_s(at_hand: EmbeddingsAtHand, tmp_path: Path) -> None:
    put(tmp_path / "other", "Mira", 9.0)

    assert found(at_hand) == {"mira": 1.0, "ben": 2.0}


def test_what_is_given_counts_before_every_file(at_hand: EmbeddingsAtHand) -> None:
    assert found(at_hand, embedding("MIRA", 5.0)) == {"MIRA": 5.0, "ben": 2.0}


def begin_training(at_hand: EmbeddingsAtHand, *current: Embedding) -> Iterator[object]:
    """The run's events; its embeddings are in training until they are closed."""
    started = TrainingStarted(
        step=0,
        total_steps=2,
        steps_per_epoch=1,
        num_images=1,
        run_dir=Path(),
        current_embeddings=lambda: current,
    )
    events = at_hand._in_training.follow([started])
    next(events)
    return events


def test_what_is_in_training_counts_before_its_file_and_after_what_is_given(
    at_hand: EmbeddingsAtHand, model: Any, told: Any
) -> None:
    _events = begin_training(at_hand, embedding("Mira", 7.0))

    assert found(at_hand, model=model) == {"Mira": 7.0, "ben": 2.0}
    assert found(at_hand, embedding("mira", 5.0), model=model) == {"mira": 5.0, "ben": 2.0}
    assert told("mira", embedding("mira", 5.0)) == []


@pytest.mark.parametrize("prompt", ["a photo of Mira", "(mira:1.2)", "embedding:mira"])
def test_a_prompt_that_names_it_is_told_its_step(at_hand: EmbeddingsAtHand, told: Any, prompt: str) -> None:
    _events = begin_training(at_hand, replace(embedding("Mira", 7.0), step=7))

    assert told(prompt) == ["Mira is drawn as it is after step 7 of its training."]
    assert told("ben", negative_prompt=prompt) == told(prompt)


@pytest.mark.parametrize("prompt", ["ben", "a miracle", "<lora:mira:1>"])
def test_a_prompt_that_only_looks_like_it_is_told_nothing(
    at_hand: EmbeddingsAtHand, told: Any, prompt: str
) -> None:
    _events = begin_training(at_hand, embedding("mira", 7.0))

    assert told(prompt) == []


def test_all_that_are_trained_together_are_drawn_as_they_are_now(
    at_hand: EmbeddingsAtHand, model: Any, told: Any
) -> None:
    trained = (embedding("Mira", 7.0), embedding("ben", 8.0), embedding("zoe", 9.0))
    _events = begin_training(at_hand, *(replace(one, step=3) for one in trained))

    assert found(at_hand, model=model) == {"Mira": 7.0, "ben": 8.0, "zoe": 9.0}
    assert told("zoe with ben") == [
        "ben is drawn as it is after step 3 of its training.",
        "zoe is drawn as it is after step 3 of its training.",
    ]
