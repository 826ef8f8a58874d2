"""Where the demo model is trained: on a graphics card when torch has one, else on the processor's cores.

On the processor every stage is two processes of one thread and reads the pool from disk. On a card it is
one process with a larger batch; the pool lies in the card's memory, and what Python has to do (captions,
drawings) is done ahead of time by worker processes.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

Made = TypeVar("Made")

MOST_WORKERS = 12


def training_device() -> torch.device:
    """The graphics card when torch can use one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def is_card(device: torch.device) -> bool:
    """Whether `device` is anything but the processor."""
    return device.type != "cpu"


def processes(device: torch.device) -> int:
    """How many processes train one stage together."""
    return 1 if is_card(device) else 2


def reduced_precision(device: torch.device) -> torch.autocast:
    """A context in which layers compute in bfloat16 on `device`."""
    return torch.autocast(device.type, torch.bfloat16)


def on_processor(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict that opens on any computer."""
    return {name: tensor.cpu() for name, tensor in weights.items()}


class Rows:
    """Rows of an array on disk, as tensors on `device`; a card holds the whole array in its memory."""

    def __init__(self, array: np.ndarray, device: torch.device) -> None:
        self._array = array
        self._held = torch.from_numpy(np.array(array)).to(device) if is_card(device) else None

    def __len__(self) -> int:
        return len(self._array)

    def take(self, indices: Sequence[int] | np.ndarray) -> Tensor:
        """The rows at `indices`: [batch, ...] in the array's own dtype."""
        if self._held is None:
            return torch.from_numpy(self._array[indices])
        return self._held[torch.as_tensor(indices, device=self._held.device)]


class _Steps(Dataset[Made], Generic[Made]):
    """What `make` returns for each number."""

    def __init__(self, make: Callable[[int], Made]) -> None:
        self._make = make

    def __getitem__(self, number: int) -> Made:
        return self._make(number)


def _as_it_is(made: Any) -> Any:
    return made


def prepared(make: Callable[[int], Made], first: int, device: torch.device) -> Iterator[Made]:
    """`make(first)`, `make(first + 1)` and so on without end.

    For a card worker processes make them ahead, in order; `make` may use neither a card nor what changes
    between calls then. They are forked, because this package is loaded from its place and a process started
    anew would not find it; where processes can't be forked, and on the processor, each is made when asked.
    """
    if not is_card(device) or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(make, itertools.count(first))
        return
    yield from DataLoader(
        _Steps(make),
        batch_size=None,
        sampler=itertools.count(first),
        num_workers=max(1, min(MOST_WORKERS, (os.cpu_count() or 1) - 2)),
        collate_fn=_as_it_is,
        multiprocessing_context="fork",
    )
