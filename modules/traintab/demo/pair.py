"""Two processes of one thread each that average their gradients: faster on two cores than one with two
threads.

A process is told its place by the environment variables `TRAINTAB_RANK` and `TRAINTAB_WORLD`; without them
there is one process and nothing to average.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor


class Pair:
    """The processes that train one model together."""

    def __init__(self, meeting_point: Path) -> None:
        self.rank = int(os.environ.get("TRAINTAB_RANK", "0"))
        self.world = int(os.environ.get("TRAINTAB_WORLD", "1"))
        if self.world > 1:
            dist.init_process_group(
                "gloo",
                init_method=f"file://{meeting_point}",
                rank=self.rank,
                world_size=self.world,
                timeout=datetime.timedelta(minutes=10),
            )

    @property
    def is_first(self) -> bool:
        """Whether this process reports and saves."""
        return self.rank == 0

    def average_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes; parameters without one are left out."""
        if self.world == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.world
        for gradient, part in zip(gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def agree(self, value: float) -> float:
        """The first process's `value`, so that all end at the same step."""
        if self.world == 1:
            return value
        shared: Tensor = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(shared, 0)
        return float(shared)

    def copy_from_first(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Give every process the first one's weights."""
        if self.world > 1:
            for parameter in parameters:
                dist.broadcast(parameter.data, 0)

    def close(self) -> None:
        """Leave the group."""
        if self.world > 1:
            dist.destroy_process_group()
