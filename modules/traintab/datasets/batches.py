"""Which pictures a step shows: shuffled anew each epoch, and continued exactly after a pause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from .seeds import derived_seed, seeded_generator

__all__ = ["BatchOrder"]


class BatchOrder:
    """The order in which pictures are shown.

    A step takes `accumulation` batches of `batch_size` picture indexes. An epoch shows each picture once,
    or as often as `repeats` says of it (at least 1 each). Every epoch is a new permutation made from the
    seed and the epoch's number; what doesn't fill a whole step is left out of that epoch, as in the web UI.
    A batch larger than what an epoch shows, and more batches than an epoch has, are cut to what there is.
    """

    def __init__(
        self,
        num_images: int,
        batch_size: int,
        *,
        accumulation: int = 1,
        seed: int = 0,
        repeats: Sequence[int] = (),
    ) -> None:
        self._repeats = tuple(repeats) if set(repeats) - {1} else ()
        self.num_shown = sum(self._repeats) or num_images
        self.batch_size = min(batch_size, self.num_shown)
        self.accumulation = min(accumulation, self.num_shown // self.batch_size)
        self.seed = seed
        self.epoch = 0
        self.position = 0

    @property
    def steps_per_epoch(self) -> int:
        """Whole steps in one epoch; at least 1."""
        return self.num_shown // (self.batch_size * self.accumulation)

    def next_step(self) -> list[list[int]]:
        """The batches of the next step, each a list of picture indexes."""
        if self.position == self.steps_per_epoch:
            self.epoch += 1
            self.position = 0
        shuffled = self._shuffled()
        size = self.batch_size
        first = self.position * size * self.accumulation
        self.position += 1
        return [shuffled[first + i * size : first + (i + 1) * size] for i in range(self.accumulation)]

    def state_dict(self) -> dict[str, int]:
        """Plain integers from which the order goes on where it is now."""
        return {"seed": self.seed, "epoch": self.epoch, "position": self.position, **self._shape()}

    def fits(self, state: Mapping[str, int]) -> bool:
        """Whether a `state_dict()` counts in batches of the same size from the same showings."""
        return all(state.get(key, value) == value for key, value in self._shape().items())

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from a `state_dict()` that `fits`."""
        self.seed, self.epoch, self.position = state["seed"], state["epoch"], state["position"]

    def _shape(self) -> dict[str, int]:
        """What positions are counted in; `num_images` is what it was called before pictures had repeats."""
        shape = {
            "num_images": self.num_shown,
            "batch_size": self.batch_size,
            "accumulation": self.accumulation,
        }
        return {**shape, "repeats": derived_seed("repeats", *self._repeats)} if self._repeats else shape

    def _shuffled(self) -> list[int]:
        generator = seeded_generator("order", self.seed, self.epoch)
        order: list[int] = torch.randperm(self.num_shown, generator=generator).tolist()
        if not self._repeats:
            return order
        shown = [index for index, repeats in enumerate(self._repeats) for _ in range(repeats)]
        return [shown[place] for place in order]
