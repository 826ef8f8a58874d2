"""The benchmark of a training step: its floor computes what we compute, and its arithmetic is right."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parent.parent.parent / "benchmarks"


@pytest.fixture
def our_training(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import our_training

    return our_training


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import measuring

    return measuring


@pytest.mark.parametrize(("family", "batch_size"), [("sd1", 1), ("sd2", 2), ("sdxl", 2)])
def test_the_floor_has_our_loss_and_gradient_and_moves_the_vectors(
    our_training: ModuleType, tiny_families: Any, family: str, batch_size: int
) -> None:
    with our_training.OurRun(tiny_families.model(family), 64, batch_size) as run:
        floor, apart = our_training.floor_for(run)
        assert apart["loss_apart"] <= 1e-5 and apart["gradient_apart"] <= 1e-5
        before = [encoder.vectors.detach().clone() for encoder in floor.encoders]
        floor.step(list(range(batch_size)))
        moved = [bool((e.vectors != b).all()) for e, b in zip(floor.encoders, before, strict=True)]
        assert moved == [True] * len(run.model.text_encoders)


def test_a_floor_that_computes_something_else_is_refused(
    our_training: ModuleType, tiny_families: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import floor

    loss = floor.Floor.loss
    monkeypatch.setattr(floor.Floor, "loss", lambda *given: loss(*given) * 1.0001)
    told = pytest.raises(SystemExit, match="computes something else")
    with our_training.OurRun(tiny_families.model("sd1"), 64, 1) as run, told:
        our_training.floor_for(run)


def test_works_take_turns_in_changing_order(measuring: ModuleType) -> None:
    done: list[str] = []
    ticks = iter(range(100))
    works = (lambda: done.append("floor"), lambda: done.append("ours"))
    seconds = measuring.in_turns(works, 2, lambda: float(next(ticks)))
    assert done == ["floor", "ours", "ours", "floor"]
    assert seconds == [[1.0, 1.0], [1.0, 1.0]]


def test_one_slow_round_does_not_move_the_ratio(measuring: ModuleType) -> None:
    told = measuring.compared([2.0, 2.0, 2.0, 2.0, 2.0], [2.2, 2.2, 2.2, 2.2, 20.0])
    assert told["ratio"] == pytest.approx(1.1)
    assert told["our_seconds"] == 2.2
    assert told["ratio_of_sums"] == pytest.approx(28.8 / 10)


@pytest.mark.skipif(sys.platform != "linux", reason="the processor's peak memory is known on Linux")
def test_the_peak_counts_what_was_freed_again_but_nothing_before(measuring: ModuleType) -> None:
    cpu = torch.device("cpu")
    torch.ones(64 * 2**18)
    measuring.forget_peak(cpu)
    before = measuring.peak(cpu)
    torch.ones(32 * 2**18)
    assert 30 * 2**20 < measuring.peak(cpu) - before < 48 * 2**20
