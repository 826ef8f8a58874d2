"""Which amounts of noise a pass sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

__all__ = ["TimestepSampling"]

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class TimestepSampling:
    """How timesteps are drawn: `per_picture` for each picture shown, `stratified` or each by chance.

    The prompt of a picture is encoded once for all its timesteps, so that they cost the UNet's work alone.
    """

    per_picture: int = 1
    stratified: bool = False

    def repeated(self, items: Sequence[Item]) -> Sequence[Item]:
        """Each item as often as its picture has timesteps, one after the other."""
        if self.per_picture == 1:
            return items
        return [item for item in items for _ in range(self.per_picture)]

    def draw(self, count: int, total: int, generator: torch.Generator) -> torch.Tensor:
        """int64 `[count]` of 0 to `total - 1` on the CPU; each is uniform over all of them by itself.

        Stratified, one lies in each of `count` equal parts of the range, in an order left to chance: the
        mean over a pass varies less, and its expectation is the same.
        """
        if not self.stratified:
            return torch.randint(total, (count,), generator=generator)
        parts = torch.randperm(count, generator=generator)
        places = (parts + torch.rand(count, generator=generator, dtype=torch.float64)) / count
        # Rounding may reach the range's end.
        return (places * total).long().clamp_(max=total - 1)
