"""The generators of the whole process, as a part of the training state."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import numpy
import pytest
import torch

from traintab.training.global_generators import GlobalGenerators


def numbers() -> list[float]:
    """From each generator some, in the ways that keep something for the next time too."""
    return [
        float(torch.rand(())),
        random.random(),
        random.gauss(0, 1),
        float(numpy.random.rand()),
        float(numpy.random.standard_normal()),
    ]


@pytest.fixture(autouse=True)
def left_as_it_was() -> Callable[[], None]:
    kept = GlobalGenerators(torch.device("cpu")).state_dict()
    yield
    GlobalGenerators(torch.device("cpu")).load_state_dict(kept)


def test_all_go_on_with_the_same_numbers_after_going_through_a_file() -> None:
    part = GlobalGenerators(torch.device("cpu"))
    numbers()
    stream = io.BytesIO()
    torch.save(part.state_dict(), stream)
    stream.seek(0)
    following = [numbers(), numbers()]
    part.load_state_dict(torch.serialization.load(stream, weights_only=True))
    assert [numbers(), numbers()] == following


@pytest.mark.parametrize("left_out", ["torch", "python", "numpy"])
def test_each_of_them_is_needed(left_out: str) -> None:
    part = GlobalGenerators(torch.device("cpu"))
    kept = part.state_dict()
    following = numbers()
    part.load_state_dict({**kept, left_out: part.state_dict()[left_out]})
    assert numbers() != following


def test_the_generator_of_another_device_is_left_alone() -> None:
    part = GlobalGenerators(torch.device("cpu"))
    elsewhere = {**part.state_dict(), "device": ("cuda", torch.zeros(16, dtype=torch.uint8))}
    part.load_state_dict(elsewhere)
    assert part.state_dict()["device"] is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_card_goes_on_with_the_same_numbers() -> None:
    part = GlobalGenerators(torch.device("cuda"))
    kept = part.state_dict()
    following = torch.rand(4, device="cuda")
    part.load_state_dict(kept)
    assert torch.equal(torch.rand(4, device="cuda"), following)
