"""On the processor freed memory is used again while training, and goes back to the system afterwards.

`test_kept_memory.py` runs these in a process of their own: where thousands of other tests have used the heap
before, it may have no room to grow at its end, and then malloc can keep nothing.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

from traintab.models import kept_memory
from traintab.models.kept_memory import give_back, memory_kept, one_heap

CPU = torch.device("cpu")
MIB = 2**20
on_glibc = pytest.mark.skipif(kept_memory._glibc() is None, reason="only glibc gives blocks back at once")


def faults_of(work: Callable[[], object], times: int = 8) -> int:
    """New pages that the system had to hand out."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        work()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def large_block() -> numpy.ndarray[Any, Any]:
    return numpy.ones(64 * MIB, dtype=numpy.uint8)


def resident() -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024


@on_glibc
def test_a_freed_block_is_used_again_inside_and_given_back_outside() -> None:
    outside = faults_of(large_block)
    with memory_kept(CPU):
        large_block()
        inside = faults_of(large_block)
    again = faults_of(large_block)
    assert inside < outside / 4
    assert again > outside / 2


@on_glibc
def test_what_is_kept_can_be_given_back_in_between() -> None:
    with memory_kept(CPU):
        blocks = [large_block() for _ in range(4)]
        del blocks
        kept = resident()
        give_back(CPU)
        assert kept - resident() > 200 * MIB


@on_glibc
def test_what_was_kept_goes_back_at_the_end_also_after_an_error() -> None:
    before = resident()
    kept = 0
    with pytest.raises(RuntimeError, match="stop"), memory_kept(CPU):
        blocks = [large_block() for _ in range(4)]
        del blocks
        kept = resident() - before
        raise RuntimeError("stop")
    assert kept > 200 * MIB
    assert resident() - before < 64 * MIB


def test_for_a_card_and_without_glibc_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    one_heap()
    give_back(CPU)
    with memory_kept(CPU):
        assert kept_memory._glibc() is None
    monkeypatch.undo()
    monkeypatch.setattr(kept_memory, "_glibc", lambda: pytest.fail("malloc was asked for"))
    with memory_kept(torch.device("cuda")):
        pass
