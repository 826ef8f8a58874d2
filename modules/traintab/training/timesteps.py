"""Which amounts of noise a pass sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

from ..errors import ConfigError

__all__ = ["TimestepSampling"]

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class TimestepSampling:
    """How timesteps are drawn: `per_picture` for each picture shown, `stratified` or each by chance.

    None is below `first`, nor at `end` or above it; without an `end` the model's last is included. The
    prompt of a picture is encoded once for all its timesteps, so that they cost the UNet's work alone.
    """

    per_picture: int = 1
    stratified: bool = False
    first: int = 0
    end: int | None = None

    def repeated(self, items: Sequence[Item]) -> Sequence[Item]:
        """Each item as often as its picture has timesteps, one after the other."""
        if self.per_picture == 1:
            return items
        return [item for item in items for _ in range(self.per_picture)]

    def range_of(self, total: int) -> range:
        """Those of a model's `total` timesteps that may be drawn; raises ConfigError when there are none."""
        found = range(self.first, total if self.end is None else min(self.end, total))
        if not found:
            raise ConfigError(
                f"Min timestep is {self.first}, but the model has only {total} timesteps; lower it.",
                field="min_timestep",
            )
        return found

    def draw(self, count: int, total: int, generator: torch.Generator) -> torch.Tensor:
        """int64 `[count]` on the CPU, out of a model's `total`; each is uniform over the range by itself.

        Stratified, one lies in each of `count` equal parts of the range, in an order left to chance: the
        mean over a pass varies less, and its expectation is the same.
        """
        found = self.range_of(total)
        if not self.stratified:
            return torch.randint(found.start, found.stop, (count,), generator=generator)
        parts = torch.randperm(count, generator=generator)
        places = (parts + torch.rand(count, generator=generator, dtype=torch.float64)) / count
        # Rounding may reach the range's end.
        return (found.start + places * len(found)).long().clamp_(max=found.stop - 1)
