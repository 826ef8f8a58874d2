"""Running out of memory is told with figures and with what to lower."""

from __future__ import annotations

import pytest
import torch

from traintab.errors import MemoryShortageError
from traintab.models import memory_advice
from traintab.models.memory import MemoryUse
from traintab.models.memory_advice import Shortage, in_gib, memory_shortage_told, smaller_pictures

CARD = torch.device("cuda")
GIB = 2**30
# Before the work: 3 of 8 GiB hold the model, 1 GiB belongs to others, so 4 can be had.
BEFORE = MemoryUse(allocated=3 * GIB, held=4 * GIB, free=3 * GIB, total=8 * GIB)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> list[MemoryUse]:
    """What the device tells, one answer after the other."""
    answers: list[MemoryUse] = []
    monkeypatch.setattr(memory_advice, "memory_use", lambda device: answers.pop(0) if answers else None)
    return answers


def shortage_of(error: Exception) -> Shortage:
    """What the advice gets to know when the block raises `error`."""
    known: list[Shortage] = []

    def advice(shortage: Shortage) -> str:
        known.append(shortage)
        return "sit down"

    with pytest.raises(MemoryShortageError), memory_shortage_told("Dancing", CARD, advice):
        raise error
    return known[0]


def test_what_was_wanted_is_what_the_work_had_and_the_request_that_failed(memory: list[MemoryUse]) -> None:
    memory += [BEFORE, MemoryUse(allocated=6 * GIB, held=7 * GIB, free=0, total=8 * GIB)]

    shortage = shortage_of(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0"))

    assert (shortage.wanted, shortage.available) == (5 * GIB, 4 * GIB)
    assert shortage.fits == pytest.approx(0.8)


def test_the_sentence_has_the_figures_and_the_advice(memory: list[MemoryUse]) -> None:
    before = MemoryUse(allocated=2 * GIB, held=2 * GIB, free=3 * GIB, total=8 * GIB)
    memory += [before, MemoryUse(allocated=5 * GIB, held=5 * GIB, free=0, total=8 * GIB)]
    sentence = (
        r"^Dancing ran out of memory: at least 3\.5 GiB were wanted, and 3\.0 GiB of 8\.0 GiB were free"
        r" \(other programs hold 3\.0 GiB\); sit down\.$"
    )

    told = pytest.raises(MemoryShortageError, match=sentence)
    with told as caught, memory_shortage_told("Dancing", CARD, "sit down"):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 512.00 MiB.")

    assert caught.value.__cause__ is not None
    assert caught.value.exit_status == 1


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("Tried to allocate 1024.00 MB on private pool.", GIB),
        ("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes.", 4 * GIB),
        ("XPU out of memory. Tried to allocate 20.00 MiB.", 20 * 2**20),
        ("Tried to allocate 4.00 KiB", 4096),
    ],
)
def test_every_device_s_way_of_naming_the_request_is_understood(
    memory: list[MemoryUse], told: str, asked: int
) -> None:
    assert shortage_of(RuntimeError(f"out of memory: {told}")).wanted == asked


def test_memory_in_pieces_does_not_make_a_shortage_look_like_none(memory: list[MemoryUse]) -> None:
    memory += [BEFORE, BEFORE]

    shortage = shortage_of(torch.OutOfMemoryError("Tried to allocate 1.00 GiB."))

    assert shortage.wanted == BEFORE.available
    assert shortage.fits == pytest.approx(0.8)


def test_without_figures_the_sentence_stays_whole_and_a_half_is_taken_to_fit(memory: list[MemoryUse]) -> None:
    assert shortage_of(MemoryError()).fits == 0.5
    with (
        pytest.raises(MemoryShortageError, match=r"^Dancing ran out of memory; sit down\.$"),
        memory_shortage_told("Dancing", CARD, "sit down"),
    ):
        raise MemoryError


def test_a_full_device_still_gives_advice() -> None:
    full = MemoryUse(allocated=8 * GIB, held=8 * GIB, free=0, total=8 * GIB)

    assert Shortage(before=full, wanted=GIB).fits == pytest.approx(0.01)


@pytest.mark.parametrize("error", [RuntimeError("shapes do not fit"), MemoryShortageError("told already")])
def test_other_errors_pass(memory: list[MemoryUse], error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)), memory_shortage_told("Dancing", CARD, "sit down"):
        raise error


def test_without_an_error_nothing_happens(memory: list[MemoryUse]) -> None:
    with memory_shortage_told("Dancing", CARD, "sit down"):
        pass


@pytest.mark.parametrize(
    ("batch_size", "fits", "fewer"), [(8, 0.5, 4), (8, 0.8, 6), (4, 0.01, 1), (2, 0.8, 1), (3, 0.7, 2)]
)
def test_a_batch_is_lowered_before_the_size(batch_size: int, fits: float, fewer: int) -> None:
    advice = smaller_pictures(width=512, height=512, batch_size=batch_size, fits=fits)

    assert advice == f"lower the batch size from {batch_size} to {fewer}"


@pytest.mark.parametrize(
    ("width", "height", "fits", "smaller"),
    [
        (1024, 1024, 0.5, "704 x 704"),
        (1024, 512, 0.8, "896 x 448"),
        (512, 512, 0.8, "448 x 448"),
        (320, 320, 0.01, "64 x 64"),
        (128, 128, 0.5, "88 x 88"),
        (128, 64, 0.5, "88 x 64"),
        (128, 128, 0.01, "64 x 64"),
    ],
)
def test_a_size_is_lowered_by_the_area_that_fits(width: int, height: int, fits: float, smaller: str) -> None:
    advice = smaller_pictures(width=width, height=height, batch_size=1, fits=fits)

    assert advice == f"lower the size from {width} x {height} to {smaller} pixels"


def test_what_cannot_be_lowered_needs_room_from_others() -> None:
    assert "close other programs" in smaller_pictures(width=64, height=64, batch_size=1, fits=0.5)


@pytest.mark.parametrize(
    ("size", "told"), [(GIB, "1.0 GiB"), (2 * GIB + GIB // 2, "2.5 GiB"), (300 * 2**20, "300 MiB")]
)
def test_sizes_are_told_in_gib_or_mib(size: int, told: str) -> None:
    assert in_gib(size) == told
