"""torch's out-of-memory errors in the program's own words."""

from __future__ import annotations

import pytest
import torch

from traintab.errors import MemoryShortageError
from traintab.training.failures import memory_shortage_told


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ..."),
        RuntimeError("MPS backend out of memory (...)"),
        MemoryError(),
    ],
)
def test_a_shortage_is_told_with_the_remedy(error: Exception) -> None:
    told = pytest.raises(MemoryShortageError, match=r"^Dancing ran out of memory; sit down\.$")
    with told as caught, memory_shortage_told("Dancing", "sit down"):
        raise error
    assert caught.value.__cause__ is error
    assert caught.value.exit_status == 1


@pytest.mark.parametrize("error", [RuntimeError("shapes do not fit"), ValueError("out of memory lane")])
def test_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)), memory_shortage_told("Dancing", "sit down"):
        raise error


def test_without_an_error_nothing_happens() -> None:
    with memory_shortage_told("Dancing", "sit down"):
        pass
