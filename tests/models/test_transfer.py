"""Tensors go to a card through pinned memory, and stay where they are on the processor."""

from __future__ import annotations

from typing import Any

import torch

from traintab.models.transfer import to_device


class RecordedTensor:
    """Stands in for a tensor, because there is no card in the tests."""

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)
        self.calls: list[tuple[Any, ...]] = []

    def pin_memory(self) -> RecordedTensor:
        self.calls.append(("pinned",))
        return self

    def to(self, device: torch.device, non_blocking: bool = False) -> RecordedTensor:
        self.calls.append((device.type, non_blocking))
        return self


def calls_of(tensor_on: str, to: str) -> list[tuple[Any, ...]]:
    recorded = RecordedTensor(tensor_on)
    to_device(recorded, torch.device(to))  # type: ignore[arg-type]
    return recorded.calls


def test_a_copy_to_a_card_does_not_wait_for_it() -> None:
    assert calls_of("cpu", "cuda") == [("pinned",), ("cuda", True)]


def test_what_is_on_a_card_already_is_not_pinned() -> None:
    assert calls_of("cuda", "cuda") == [("cuda", False)]


def test_on_the_processor_nothing_is_copied() -> None:
    tensor = torch.ones(3)
    assert to_device(tensor, torch.device("cpu")) is tensor
