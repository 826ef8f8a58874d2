"""What a run is trained on, remembered."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest
import torch

from traintab.datasets.report import DatasetImage
from traintab.training.inputs import TrainingInputs

IMAGES = [
    DatasetImage(path=Path(f"/p/{name}.png"), caption=f"a {name}", content_hash=name * 8, width=8, height=8)
    for name in ("hat", "bag")
]
INPUTS = TrainingInputs.of(IMAGES, ["[name]"], model_hash="0123", seed=3)


def test_it_comes_back_from_a_state_as_it_was() -> None:
    stream = io.BytesIO()
    torch.save({"inputs": INPUTS.to_state()}, stream)
    stream.seek(0)
    loaded = torch.serialization.load(stream, weights_only=True)
    assert TrainingInputs.from_state(loaded) == INPUTS
    assert INPUTS.pictures == {"hat.png": "hat" * 8, "bag.png": "bag" * 8}


def test_a_state_of_an_earlier_version_knows_the_pictures() -> None:
    inputs = TrainingInputs.from_state({"pictures": ["my hat.png 12", "bag.png 34"]})
    assert inputs == TrainingInputs(pictures={"my hat.png": "12", "bag.png": "34"})


def test_the_order_of_the_pictures_counts() -> None:
    turned = dataclasses.replace(INPUTS, pictures=dict(reversed(INPUTS.pictures.items())))
    assert not INPUTS.same_pictures(turned)


@pytest.mark.parametrize(
    "other",
    [
        {"captions": {"hat.png": "the hat", "bag.png": "a bag"}},
        {"template_lines": ("[name]", "a [name]")},
        {"pictures": {"hat.png": "other"}},
        {"seed": 4},
    ],
)
def test_prompts_are_others_when_anything_they_are_made_of_is(other: dict[str, object]) -> None:
    assert INPUTS.same_prompts(INPUTS)
    assert not INPUTS.same_prompts(dataclasses.replace(INPUTS, **other))  # type: ignore[arg-type]


def test_pictures_of_subfolders_and_their_repeats_are_told_apart() -> None:
    images = [
        dataclasses.replace(IMAGES[0], place=f"{repeats}_hats/hat.png", repeats=repeats) for repeats in (1, 3)
    ]
    inputs = TrainingInputs.of(images, ["[name]"])
    assert list(inputs.pictures) == ["1_hats/hat.png", "3_hats/hat.png"]
    assert inputs.repeats == {"3_hats/hat.png": 3}
