"""Where latents are put one by one until all are there."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..models.memory import memory_use
from .latent_cache import LatentCache, Posterior, View
from .latents import CachedLatents, Latents, LatentSettings, LatentsOnDisk

__all__ = ["LatentShelf"]

_MOST_OF_FREE_MEMORY = 0.5


class LatentShelf:
    """A place for each view of each picture: in memory when all fit, else only in the cache's files.

    `content_hashes` are the pictures' in their order; equal pictures share their latents. `free` is the main
    memory that may be filled by half, in bytes; what the system tells when it is left out.
    """

    def __init__(
        self,
        content_hashes: Sequence[str],
        settings: LatentSettings,
        cache: LatentCache,
        *,
        free: int | None = None,
    ) -> None:
        self.cache = cache
        self._settings = settings
        self._content_hashes = tuple(content_hashes)
        self._rows: dict[View, list[int]] = {}
        for picture, content_hash in enumerate(content_hashes):
            for number, view in enumerate(settings.views(content_hash)):
                self._rows.setdefault(view, []).append(picture + number * len(content_hashes))
        self._there: set[View] = set()
        self._mean, self._std = self._room(_free_memory() if free is None else free)

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
        return latents.on(device)

    def _room(self, free: int) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Memory for what steps need of all views; none when that is more than a half of what is `free`."""
        shape = (len(self._content_hashes) * self._settings.num_views, *self.cache.shape)
        tensors = 2 if self._settings.is_resampled else 1
        if 4 * torch.Size(shape).numel() * tensors > free * _MOST_OF_FREE_MEMORY:
            return None, None
        return torch.empty(shape), torch.empty(shape) if self._settings.is_resampled else None


def _free_memory() -> int:
    """The main memory that is free, in bytes; 4 GiB where nobody tells."""
    use = memory_use(torch.device("cpu"))
    return 4 * 2**30 if use is None else use.free
