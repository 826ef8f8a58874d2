"""Checkpointing where the memory would not be enough."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
import torch

from traintab.models.memory import MemoryUse
from traintab.models.model import Model
from traintab.training.memory_probe import MemoryProbe
from traintab.training.state import TrainingState

Make = Callable[..., TrainingState]
GIB = 1 << 30


@pytest.fixture
def own_model(model: Model) -> Iterator[Model]:
    yield replace(model, unet=copy.deepcopy(model.unet))


class UNetLoss:
    """Noise through the UNet, with the vectors among what it is told."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.error: Exception | None = None

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        noise = torch.randn(len(pictures), 4, 8, 8, generator=state.generator)
        embeds = state.vectors["clip_l"].mean() + torch.ones(len(pictures), 77, 32)
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return (self.model.predict(noise, torch.tensor(10), embeds) ** 2).mean(), "x"


def free(size: int) -> Callable[[torch.device], MemoryUse]:
    return lambda _device: MemoryUse(allocated=0, held=0, free=size, total=16 * GIB)


def results(loss: Callable[..., tuple[torch.Tensor, str]], state: TrainingState) -> list[float]:
    return [loss([0, 1], state)[0].item() for _ in range(3)]


def is_checkpointed(model: Model) -> bool:
    return any(getattr(module, "gradient_checkpointing", False) for module in model.unet.modules())


def test_a_step_that_fits_is_left_alone(own_model: Model, make_state: Make) -> None:
    notices: deque[str] = deque()
    loss = UNetLoss(own_model)
    probe = MemoryProbe(loss, own_model, notices, look=free(GIB))
    assert results(probe, make_state()) == results(loss, make_state())
    assert not is_checkpointed(own_model) and not notices


def test_a_step_that_does_not_fit_is_checkpointed_with_the_same_result(
    own_model: Model, make_state: Make
) -> None:
    notices: deque[str] = deque()
    loss = UNetLoss(own_model)
    expected = results(loss, make_state())
    probe = MemoryProbe(loss, own_model, notices, look=free(100_000))
    assert results(probe, make_state()) == expected
    assert is_checkpointed(own_model)
    (told,) = notices
    assert told.startswith("Gradient checkpointing is on: a step keeps more than 0 MiB for its gradient, and")


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory."), MemoryError()], ids=repr)
def test_a_step_that_runs_out_of_memory_is_done_again(
    own_model: Model, make_state: Make, error: Exception
) -> None:
    notices: deque[str] = deque()
    loss = UNetLoss(own_model)
    expected = results(loss, make_state())
    loss.error = error
    assert results(MemoryProbe(loss, own_model, notices, look=lambda _: None), make_state()) == expected
    assert is_checkpointed(own_model)
    assert notices[0].startswith("Gradient checkpointing is on: a step ran out of memory. Steps take longer")


def test_another_error_passes(own_model: Model, make_state: Make) -> None:
    loss = UNetLoss(own_model)
    loss.error = RuntimeError("shapes differ")
    with pytest.raises(RuntimeError, match="shapes differ"):
        MemoryProbe(loss, own_model, deque(), look=free(GIB))([0], make_state())
    assert not is_checkpointed(own_model)


def test_each_size_of_pictures_is_looked_at_once(own_model: Model, make_state: Make) -> None:
    notices: deque[str] = deque()
    memory = iter([GIB, 100_000])
    looks: list[int] = []

    def look(_device: torch.device) -> MemoryUse:
        looks.append(next(memory))
        return MemoryUse(allocated=0, held=0, free=looks[-1], total=16 * GIB)

    probe = MemoryProbe(UNetLoss(own_model), own_model, notices, groups=(0, 0, 1), look=look)
    probe([0, 1], make_state())
    probe([1, 0], make_state())
    assert looks == [GIB]
    assert not is_checkpointed(own_model)
    probe([2], make_state())
    assert looks == [GIB, 100_000]
    assert is_checkpointed(own_model)
    probe([2], make_state())
    assert len(notices) == 1


def test_a_size_is_looked_at_again_when_more_of_its_pictures_come_at_once(
    own_model: Model, make_state: Make
) -> None:
    memory = iter([GIB, 100_000])

    def look(_device: torch.device) -> MemoryUse:
        return MemoryUse(allocated=0, held=0, free=next(memory), total=16 * GIB)

    probe = MemoryProbe(UNetLoss(own_model), own_model, deque(), groups=(0, 0, 1), look=look)
    probe([0], make_state())
    assert not is_checkpointed(own_model)
    probe([1, 0], make_state())
    assert is_checkpointed(own_model)
