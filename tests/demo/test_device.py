"""Where the demo model is trained, and how its batches get there."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest
import torch

from traintab.demo import device as places

CPU, CARD = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(("has_card", "kind", "together"), [(True, "cuda", 1), (False, "cpu", 2)])
def test_a_card_is_used_when_torch_has_one_and_needs_no_second_process(
    has_card: bool, kind: str, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_card)
    device = places.training_device()
    assert device.type == kind
    assert places.is_card(device) is has_card
    assert places.processes(device) == together


def test_layers_compute_in_bfloat16_and_only_inside() -> None:
    layer = torch.nn.Linear(2, 2)
    with places.reduced_precision(CPU):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    assert layer(torch.ones(1, 2)).dtype == torch.float32


@pytest.mark.parametrize("held", [False, True])
def test_rows_are_the_same_from_disk_and_from_a_cards_memory(
    held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "is_card", lambda _device: held)
    array = np.arange(24, dtype=np.float16).reshape(6, 4)
    rows = places.Rows(array, CPU)
    array[5] = 0
    assert len(rows) == 6
    assert rows.take([1, 3]).tolist() == [[4, 5, 6, 7], [12, 13, 14, 15]]
    assert rows.take(np.array([2])).dtype == torch.float16
    assert rows.take([5])[0, 0] == (20 if held else 0)


def test_on_the_processor_a_batch_is_made_when_it_is_asked_for() -> None:
    asked: list[int] = []
    made = places.prepared(lambda number: asked.append(number) or os.getpid(), 7, CPU)
    assert asked == []
    assert [next(made), next(made)] == [os.getpid()] * 2
    assert asked == [7, 8]


def test_for_a_card_other_processes_make_batches_in_order() -> None:
    made = places.prepared(lambda number: (number, os.getpid(), torch.full((2,), number)), 7, CARD)
    numbers, makers, tensors = zip(*itertools.islice(made, 5), strict=True)
    assert numbers == (7, 8, 9, 10, 11)
    assert os.getpid() not in makers
    assert [tensor.tolist() for tensor in tensors] == [[number, number] for number in numbers]
