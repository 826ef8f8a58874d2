"""Where latents are put one by one until all are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from ..models.memory import memory_use
from .latent_cache import LatentCache, Posterior, View
from .latents import CachedLatents, Latents, LatentSettings, LatentsOnDisk

__all__ = ["LatentShelf", "Room", "bytes_in_memory"]

_MOST_OF_FREE_MEMORY = 0.5


@dataclass(frozen=True, kw_only=True)
class Room:
    """What latents may fill by half: the main memory that is `free` before a run's first are there.

    Its latents of other sizes take, or will take, what is `beside` these; both in bytes.
    """

    free: int = field(default_factory=lambda: _free_memory())
    beside: int = 0


def bytes_in_memory(count: int, settings: LatentSettings, shape: tuple[int, int, int]) -> int:
    """What steps need of all views of `count` pictures with latents of `shape` `[c, h, w]`, float32."""
    tensors = 2 if settings.is_resampled else 1
    return 4 * torch.Size(shape).numel() * count * settings.num_views * tensors


class LatentShelf:
    """A place for each view of each picture: in memory when all fit, else only in the cache's files.

    `content_hashes` are the pictures' in their order; equal pictures share their latents. Without `room` it
    is what the system tells.
    """

    def __init__(
        self,
        content_hashes: Sequence[str],
        settings: LatentSettings,
        cache: LatentCache,
        *,
        room: Room | None = None,
    ) -> None:
        self.cache = cache
        self._settings = settings
        self._content_hashes = tuple(content_hashes)
        self._rows: dict[View, list[int]] = {}
        for picture, content_hash in enumerate(content_hashes):
            for number, view in enumerate(settings.views(content_hash)):
                self._rows.setdefault(view, []).append(picture + number * len(content_hashes))
        self._there: set[View] = set()
        self._room = Room() if room is None else room
        self._mean, self._std = self._tensors()

    @property
    def views(self) -> list[View]:
        """Every view once."""
        return list(self._rows)

    @property
    def missing(self) -> list[View]:
        """The views that weren't put here yet."""
        return [view for view in self._rows if view not in self._there]

    @property
    def done(self) -> int:
        """How many pictures are here; all views of a picture together count as one."""
        return sum(len(self._rows[view]) for view in self._there) // self._settings.num_views

    def put(self, view: View, posterior: Posterior) -> None:
        """Take the latents of a view, which are in the cache."""
        self._there.add(view)
        if self._mean is not None:
            self._mean[self._rows[view]] = self._settings.kept(view, posterior)
        if self._std is not None:
            self._std[self._rows[view]] = posterior.std

    def latents(self, device: torch.device) -> Latents:
        """All of them, for training on `device`."""
        if self._mean is None:
            return LatentsOnDisk(
                cache=self.cache,
                content_hashes=self._content_hashes,
                settings=self._settings,
                device=device,
            )
        latents = CachedLatents(
            mean=self._mean,
            std=self._std,
            flip=self._settings.flip,
            variants=self._settings.rules.variants,
        )
        return latents.on(device, beside=self._room.beside)

    def _tensors(self) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Memory for what steps need of all views; none when that is more than a half of what is free."""
        count = len(self._content_hashes)
        needed = bytes_in_memory(count, self._settings, self.cache.shape) + self._room.beside
        if needed > self._room.free * _MOST_OF_FREE_MEMORY:
            return None, None
        shape = (count * self._settings.num_views, *self.cache.shape)
        return torch.empty(shape), torch.empty(shape) if self._settings.is_resampled else None


def _free_memory() -> int:
    """The main memory that is free, in bytes; 4 GiB where nobody tells."""
    use = memory_use(torch.device("cpu"))
    return 4 * 2**30 if use is None else use.free
