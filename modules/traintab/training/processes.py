"""Several processes that train together, each on its share of every batch.

`accelerate launch` and `torchrun` start them. All draw the same random numbers for the whole batch, so that
together they train what one process does with a batch so many times larger; the first one alone writes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import distributed

from ..errors import ConfigError, LostProcessError

__all__ = ["ALL_ROWS", "Processes", "Share", "here", "joined", "was_launched"]

Item = TypeVar("Item")

# A process that died is noticed at once, whatever this is: the first one may be drawing previews for hours.
_PATIENCE = timedelta(days=7)
# They meet before a model is loaded: who isn't there by then doesn't come.
_MEETING = timedelta(minutes=10)
# Long enough for the first one to fail by what this one failed by, on a slower disk, and to save and say so.
_FAREWELL = timedelta(seconds=15)
_NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True, kw_only=True)
class Share:
    """One process's rows of a batch; None are all. Its loss is multiplied by `weight`.

    The mean of all processes' losses is then the batch's, however unevenly it was divided.
    """

    rows: tuple[int, ...] | None = None
    weight: float = 1.0

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """The share's items; nothing where there are none."""
        return items if self.rows is None or not items else [items[row] for row in self.rows]

    def of_tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        """The share's rows of a tensor `[b, ...]`."""
        return tensor if self.rows is None else torch.stack([tensor[row] for row in self.rows])

    def weighted(self, loss: torch.Tensor) -> torch.Tensor:
        """The share's loss `[]` as a part of the batch's."""
        return loss if self.weight == 1.0 else loss * self.weight


ALL_ROWS = Share()


@dataclass(frozen=True, kw_only=True)
class Processes:
    """The processes of a training, seen from the one of number `rank`; alone it is the first of one.

    Whatever they agree on raises LostProcessError when one of them is gone.
    """

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes files and tells the user."""
        return self.rank == 0

    def share(self, size: int) -> Share:
        """This process's part of a batch of `size`; one that gets nothing does the first row for nothing."""
        if self.count == 1:
            return ALL_ROWS
        rows = tuple(range(self.rank, size, self.count))
        return Share(rows=rows or (0,), weight=self.count * len(rows) / size)

    def average(self, tensors: Sequence[torch.Tensor]) -> None:
        """Replace each float tensor by its mean over all processes.

        They go by way of main memory: a few kilobytes, and NVIDIA's library isn't there on Windows.
        """
        if self.count == 1:
            return
        flat = torch.cat([tensor.detach().float().reshape(-1).cpu() for tensor in tensors])
        with _together():
            distributed.all_reduce(flat)
        flat /= self.count
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        with torch.no_grad():
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.view(tensor.shape))

    def any(self, flag: bool) -> bool:
        """Whether it is so in any of the processes; all wait here for the last of them."""
        if self.count == 1:
            return flag
        said = torch.tensor(int(flag))
        with _together():
            distributed.all_reduce(said, distributed.ReduceOp.MAX)
        return bool(said)

    def of_first(self, value: Item) -> Item:
        """What the first process gives here, in all of them; plain tensors, numbers and texts."""
        if self.count == 1:
            return value
        holder: list[Any] = [value]
        with _together():
            distributed.broadcast_object_list(holder)
        given: Item = holder[0]
        return given

    def first_ends_too(self, patience: timedelta = _FAREWELL) -> bool:
        """Wait for the first process to end its part, for no longer than `patience`; whether it did.

        A launcher stops all when one of them leaves with an error, the first before it has said its own.
        """
        until = time.monotonic() + patience.total_seconds()
        # The first never sends anything: this ends with its connection, or with the patience.
        with suppress(RuntimeError):
            received = distributed.irecv(torch.zeros(1), src=0)
            if received is not None:
                received.wait(patience)
        return time.monotonic() < until


def here() -> Processes:
    """The processes that were `joined`, or this one alone."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return Processes()
    return Processes(rank=distributed.get_rank(), count=distributed.get_world_size())


def was_launched(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a launcher started this process as one of several."""
    return all(environment.get(name) for name in _NEEDED) and environment["WORLD_SIZE"] != "1"


@contextmanager
def joined(environment: Mapping[str, str] = os.environ) -> Iterator[Processes]:
    """Meet the other processes that the launcher started, each with a card of its own, until the block ends.

    Raises ConfigError when there are more of them than cards, and LostProcessError when they don't come.
    """
    if not was_launched(environment):
        yield Processes()
        return
    _take_card(int(environment.get("LOCAL_RANK", "0")))
    _meet(int(environment["RANK"]), int(environment["WORLD_SIZE"]))
    try:
        yield here()
    finally:
        distributed.destroy_process_group()


def _meet(rank: int, count: int) -> None:
    """Connect with the others at the address in the environment."""
    from torch.distributed.rendezvous import rendezvous  # not where torch was built to be alone

    try:
        store, _, _ = next(rendezvous("env://", rank, count, timeout=_MEETING))
        distributed.init_process_group("gloo", store=store, rank=rank, world_size=count, timeout=_PATIENCE)
    except RuntimeError as error:
        raise LostProcessError(
            f"The {count} processes of this training didn't come together at"
            f" {os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}; what ended another one stands"
            " above. Start all of them with accelerate launch, or remove WORLD_SIZE from the environment to"
            " train in one."
        ) from error


def _take_card(number: int) -> None:
    """Let "cuda" mean this process's own card from here on."""
    if not torch.cuda.is_available():
        return
    if number >= torch.cuda.device_count():
        cards = torch.cuda.device_count()
        raise ConfigError(
            f"Process {number + 1} of this machine has no graphics card of its own: there are {cards}. Start"
            f" as many processes as cards, with accelerate launch --num_processes {cards}."
        )
    torch.cuda.set_device(number)


@contextmanager
def _together() -> Iterator[None]:
    """What the processes do together fails when one of them is gone."""
    try:
        yield
    except RuntimeError as error:
        raise LostProcessError(
            "Another process of this training ended before it was done, or can't be reached; what it said"
            " stands above. The last good state is kept: mend that, and go on with --resume."
        ) from error
