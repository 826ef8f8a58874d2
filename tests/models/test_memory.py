from __future__ import annotations

import pytest
import torch
from torch import nn

from traintab.models.memory import device_of, free_cached_memory, in_ram

META = torch.device("meta")


class Away(nn.Linear):
    """A module on the meta device, standing in for a card; `refuse` makes moving back fail."""

    def __init__(self, refuse: bool = False) -> None:
        super().__init__(1, 1, device="meta")
        self.refuse = refuse
        self.moves: list[str] = []

    def to(self, device: torch.device | str) -> Away:  # type: ignore[override]
        device = torch.device(device)
        if self.refuse and device == META:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        self.moves.append(device.type)
        return self.to_empty(device=device)


def test_modules_are_in_ram_inside_and_back_afterwards() -> None:
    away, here = Away(), nn.Linear(1, 1)

    with in_ram(away, here):
        assert device_of(away) == device_of(here) == torch.device("cpu")

    assert device_of(away) == META
    assert device_of(here) == torch.device("cpu")


def test_modules_go_back_after_an_error() -> None:
    away = Away()

    with pytest.raises(KeyError), in_ram(away):
        raise KeyError

    assert device_of(away) == META


def test_one_module_that_cannot_go_back_does_not_keep_the_others() -> None:
    stuck, away = Away(refuse=True), Away()

    with pytest.raises(RuntimeError, match="out of memory"), in_ram(stuck, away):
        pass

    assert device_of(away) == META
    assert device_of(stuck) == torch.device("cpu")


def test_modules_already_moved_go_back_when_a_later_one_fails_to_leave() -> None:
    class Rooted(Away):
        def to(self, device: torch.device | str) -> Away:  # type: ignore[override]
            if torch.device(device).type == "cpu":
                raise RuntimeError("no room")
            return super().to(device)

    away, rooted = Away(), Rooted()

    with pytest.raises(RuntimeError, match="no room"), in_ram(away, rooted):
        pass

    assert device_of(away) == META


def test_a_module_without_weights_counts_as_on_the_cpu() -> None:
    assert device_of(nn.Identity()) == torch.device("cpu")


def test_cached_memory_is_freed_where_there_is_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    freed = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: freed.append(True))

    free_cached_memory()

    assert freed == [True]
