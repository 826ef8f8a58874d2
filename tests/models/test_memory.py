from __future__ import annotations

import sys
import weakref
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from traintab.errors import MemoryShortageError
from traintab.models.memory import (
    MemoryUse,
    device_of,
    free_cached_memory,
    in_ram,
    is_memory_shortage,
    let_go,
    memory_use,
    on_device,
)

META = torch.device("meta")


class Away(nn.Linear):
    """A module on the meta device, standing in for a card; moving back fails `refusals` times."""

    def __init__(self, refusals: int = 0, told: str = "CUDA out of memory") -> None:
        super().__init__(1, 1, device="meta")
        self.refusals = refusals
        self.told = told

    def to(self, device: torch.device | str) -> Away:  # type: ignore[override]
        device = torch.device(device)
        if self.refusals and device == META:
            self.refusals -= 1
            raise RuntimeError(self.told)
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
    stuck, away = Away(refusals=2), Away()

    told = pytest.raises(MemoryShortageError, match=r"back to meta ran out of memory.*Close other programs")
    with told, in_ram(stuck, away):
        pass

    assert device_of(away) == META
    assert device_of(stuck) == torch.device("cpu")


def test_a_module_that_finds_no_room_is_tried_again_after_making_some() -> None:
    away = Away(refusals=1)

    with in_ram(away):
        pass

    assert device_of(away) == META


def test_another_error_of_moving_back_is_not_called_a_shortage() -> None:
    away = Away(refusals=1, told="the device is gone")

    with pytest.raises(RuntimeError, match="the device is gone"), in_ram(away):
        pass

    assert device_of(away) == torch.device("cpu")


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


def test_a_module_in_ram_is_on_its_device_inside_and_in_ram_afterwards() -> None:
    module = Away().to("cpu")

    with on_device(module, META):
        assert device_of(module) == META

    assert device_of(module) == torch.device("cpu")


def test_a_module_goes_back_into_ram_after_an_error() -> None:
    module = Away().to("cpu")

    with pytest.raises(KeyError), on_device(module, META):
        raise KeyError

    assert device_of(module) == torch.device("cpu")


def test_a_module_that_is_there_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[None] = []
    monkeypatch.setattr("traintab.models.memory.free_cached_memory", lambda: freed.append(None))
    module = Away()

    with on_device(module, META):
        assert device_of(module) == META

    assert device_of(module) == META and freed == []


def test_a_module_without_weights_counts_as_on_the_cpu() -> None:
    assert device_of(nn.Identity()) == torch.device("cpu")


@pytest.mark.parametrize("kind", ["cuda", "xpu", "mps"])
def test_cached_memory_is_freed_where_there_is_a_card(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    freed = []
    place = torch.backends.mps if kind == "mps" else getattr(torch, kind)
    monkeypatch.setattr(place, "is_available", lambda: True)
    monkeypatch.setattr(getattr(torch, kind), "empty_cache", lambda: freed.append(kind))

    free_cached_memory()

    assert freed == [kind]


def test_a_card_s_memory_is_told_with_the_most_that_was_ever_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (3000, 8000))
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 1500)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 2000)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 1900)

    use = memory_use(torch.device("cuda"))

    assert use == MemoryUse(allocated=1500, held=2000, free=3000, total=8000, peak=1900)
    assert use is not None and (use.available, use.others) == (3500, 3000)


@pytest.mark.parametrize(("driver_tells", "free"), [(True, 100), (False, 6000)])
def test_intel_s_memory_is_told_even_where_the_driver_does_not_say_what_is_free(
    monkeypatch: pytest.MonkeyPatch, driver_tells: bool, free: int
) -> None:
    def tell(device: torch.device) -> tuple[int, int]:
        if not driver_tells:
            raise RuntimeError("The device doesn't support querying the available free memory")
        return 100, 8000

    monkeypatch.setattr(torch.xpu, "mem_get_info", tell)
    monkeypatch.setattr(torch.xpu, "memory_allocated", lambda device: 1500)
    monkeypatch.setattr(torch.xpu, "memory_reserved", lambda device: 2000)
    monkeypatch.setattr(torch.xpu, "max_memory_allocated", lambda device: 1900)
    properties = SimpleNamespace(total_memory=8000)
    monkeypatch.setattr(torch.xpu, "get_device_properties", lambda device: properties)

    expected = MemoryUse(allocated=1500, held=2000, free=free, total=8000, peak=1900)
    assert memory_use(torch.device("xpu")) == expected


def test_apple_s_memory_is_what_the_system_recommends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 2000)
    monkeypatch.setattr(torch.mps, "current_allocated_memory", lambda: 1500)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 8000)

    assert memory_use(torch.device("mps")) == MemoryUse(allocated=1500, held=2000, free=6000, total=8000)


def test_an_old_torch_cannot_tell_apple_s_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.mps, "recommended_max_memory")

    assert memory_use(torch.device("mps")) is None


def test_the_processor_s_memory_is_the_machine_s() -> None:
    use = memory_use(torch.device("cpu"))

    assert use is not None
    assert 0 < use.allocated == use.held < use.total
    assert 0 < use.free < use.total


def test_without_the_library_that_knows_main_memory_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)

    assert memory_use(torch.device("cpu")) is None


def test_a_device_without_memory_of_its_own_tells_nothing() -> None:
    assert memory_use(META) is None


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ..."), True),
        (RuntimeError("MPS backend out of memory (...)"), True),
        (MemoryError(), True),
        (RuntimeError("shapes do not fit"), False),
        (ValueError("out of memory lane"), False),
    ],
)
def test_a_shortage_is_known_by_its_type_or_its_words(error: Exception, is_one: bool) -> None:
    assert is_memory_shortage(error) is is_one


def test_weights_that_are_let_go_are_gone_though_their_module_is_referred_to() -> None:
    module = nn.Linear(3, 3)
    weights = weakref.ref(module.weight)
    let_go([module])
    assert module.weight.is_meta and weights() is None
