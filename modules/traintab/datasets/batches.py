"""Which pictures a step shows: shuffled anew each epoch, and continued exactly after a pause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain

import torch

from .seeds import derived_seed, seeded_generator

__all__ = ["BatchOrder"]


class BatchOrder:
    """The order in which pictures are shown.

    A step takes `accumulation` batches of `batch_size` picture indexes. An epoch shows each picture once,
    or as often as `repeats` says of it (at least 1 each). Every epoch is a new permutation made from the
    seed and the epoch's number; what doesn't fill a whole step is left out of that epoch, as in the web UI.
    A batch larger than what an epoch shows, and more batches than an epoch has, are cut to what there is.

    Where `groups` give pictures different numbers, a batch has pictures of one group, in a random order of
    batches; the last one of a group may be smaller, so that a picture with a size of its own is shown too.
    """

    def __init__(
        self,
        num_images: int,
        batch_size: int,
        *,
        accumulation: int = 1,
        seed: int = 0,
        repeats: Sequence[int] = (),
        groups: Sequence[int] = (),
    ) -> None:
        self._repeats = tuple(repeats) if set(repeats) - {1} else ()
        self._groups = tuple(groups) if len(set(groups)) > 1 else ()
        self.num_shown = sum(self._repeats) or num_images
        in_groups = self._group_sizes()
        self.batch_size = min(batch_size, max(in_groups))
        self._num_batches = self.num_shown // self.batch_size
        if self._groups:
            self._num_batches = sum(-(-size // self.batch_size) for size in in_groups)
        self.accumulation = min(accumulation, self._num_batches)
        self.seed = seed
        self.epoch = 0
        self.position = 0
        self._shape = self._counted_in()
        self._made_for: tuple[int, int] | None = None
        self._made: tuple[list[int], Sequence[int]] = [], ()

    @property
    def steps_per_epoch(self) -> int:
        """Whole steps in one epoch; at least 1."""
        return self._num_batches // self.accumulation

    def next_step(self) -> list[list[int]]:
        """The batches of the next step, each a list of picture indexes."""
        if self.position == self.steps_per_epoch:
            self.epoch += 1
            self.position = 0
        first = self.position * self.accumulation
        self.position += 1
        shown, bounds = self._epoch()
        return [shown[bounds[i] : bounds[i + 1]] for i in range(first, first + self.accumulation)]

    def state_dict(self) -> dict[str, int]:
        """Plain integers from which the order goes on where it is now."""
        return {"seed": self.seed, "epoch": self.epoch, "position": self.position, **self._shape}

    def fits(self, state: Mapping[str, int]) -> bool:
        """Whether a `state_dict()` counts in batches of the same size from the same showings."""
        is_grouped_alike = state.get("groups") == self._shape.get("groups")
        return is_grouped_alike and all(state.get(key, value) == value for key, value in self._shape.items())

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on from a `state_dict()` that `fits`."""
        self.seed, self.epoch, self.position = state["seed"], state["epoch"], state["position"]

    def _counted_in(self) -> dict[str, int]:
        """What positions are counted in; `num_images` is what it was called before pictures had repeats."""
        shape = {
            "num_images": self.num_shown,
            "batch_size": self.batch_size,
            "accumulation": self.accumulation,
        }
        if self._groups:
            shape["groups"] = derived_seed("groups", *self._groups)
        return {**shape, "repeats": derived_seed("repeats", *self._repeats)} if self._repeats else shape

    def _group_sizes(self) -> list[int]:
        """How many showings an epoch has of each group."""
        if not self._groups:
            return [self.num_shown]
        sizes: Counter[int] = Counter()
        for group, repeats in zip(self._groups, self._repeats or [1] * len(self._groups), strict=True):
            sizes[group] += repeats
        return list(sizes.values())

    def _epoch(self) -> tuple[list[int], Sequence[int]]:
        """All indexes of the epoch in their order, made once, and where its batches begin and end in them."""
        if self._made_for != (self.seed, self.epoch):
            size = self.batch_size
            plain = range(0, self.num_shown + size, size)
            self._made = self._grouped() if self._groups else (self._shuffled(), plain)
            self._made_for = (self.seed, self.epoch)
        return self._made

    def _grouped(self) -> tuple[list[int], Sequence[int]]:
        by_group: dict[int, list[int]] = {}
        for index in self._shuffled():
            by_group.setdefault(self._groups[index], []).append(index)
        size = self.batch_size
        batches = [
            own[first : first + size] for own in by_group.values() for first in range(0, len(own), size)
        ]
        order = torch.randperm(len(batches), generator=seeded_generator("batches", self.seed, self.epoch))
        ordered = [batches[place] for place in order.tolist()]
        return list(chain.from_iterable(ordered)), [0, *accumulate(map(len, ordered))]

    def _shuffled(self) -> list[int]:
        generator = seeded_generator("order", self.seed, self.epoch)
        order: list[int] = torch.randperm(self.num_shown, generator=generator).tolist()
        if not self._repeats:
            return order
        shown = [index for index, repeats in enumerate(self._repeats) for _ in range(repeats)]
        return [shown[place] for place in order]
