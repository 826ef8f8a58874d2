"""What a training step is shown of the pictures: latents from memory or from the disk, never from the VAE."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch

from ..errors import StorageError
from ..models.transfer import to_device
from .latent_cache import LatentCache, Posterior, View
from .seeds import seeded_generator
from .variants import PictureRules

__all__ = ["CachedLatents", "LatentSettings", "Latents", "LatentsOnDisk"]

_CPU = torch.device("cpu")
# 4,000 pictures of 512 pixels a side: a small part of any card, and a large part of no model's room.
_MOST_ON_A_CARD = 256 * 2**20


class Latents(Protocol):
    """The latents of a data set's pictures, by index, in one or several views each.

    What is drawn comes from a `generator` on the CPU: first the mirrored ones, then the variants, then the
    samples.
    """

    def drawn(self, pictures: Sequence[int], generator: torch.Generator) -> Sequence[int]:
        """Which view of each picture a step sees, as `LatentSettings.views` counts them."""

    def of_views(
        self, pictures: Sequence[int], views: Sequence[int], generator: torch.Generator
    ) -> torch.Tensor:
        """These views, float32 `[b, c, h, w]` on the training device; samples are drawn where they are new
        each time.
        """

    def still(self, pictures: Sequence[int]) -> torch.Tensor:
        """The same each time, `[b, c, h, w]`: the first view, and the mean where `of_views` draws."""


@dataclass(frozen=True, kw_only=True)
class LatentSettings:
    """How pictures become latents.

    `width` and `height` are in pixels. `method` is *once* (one sample of each view for the whole run, which
    depends on `seed` and the picture alone), *deterministic* (the mean) or *random* (a new sample at each
    showing). With `flip` a showing is mirrored by chance. `rules` say how pictures are brought to that size,
    and in how many variants.
    """

    width: int
    height: int
    method: str = "deterministic"
    flip: bool = False
    seed: int = 0
    rules: PictureRules = field(default_factory=PictureRules)

    @property
    def is_resampled(self) -> bool:
        """Whether each showing draws a sample, so that the deviations are needed too."""
        return self.method == "random"

    @property
    def sides(self) -> tuple[bool, ...]:
        """Whether a view is mirrored, for each view of a picture."""
        return (False, True) if self.flip else (False,)

    @property
    def num_views(self) -> int:
        """Views of each picture; not all of them need differ."""
        return self.rules.variants * len(self.sides)

    def views(self, content_hash: str) -> list[View]:
        """The views of a picture in the order in which `Latents` count them: both sides of each variant."""
        return [self.view(content_hash, number) for number in range(self.num_views)]

    def view(self, content_hash: str, number: int) -> View:
        """One of them."""
        variant, side = divmod(number, len(self.sides))
        key = self.rules.key(self.rules.variant(content_hash, variant))
        return View(content_hash, self.sides[side], key)

    def kept(self, view: View, posterior: Posterior) -> torch.Tensor:
        """What stands for a view, `[c, h, w]`: the mean, or with *once* its sample."""
        if self.method != "once":
            return posterior.mean
        side = " mirrored" if view.is_mirrored else ""
        rendition = f" {view.rendition}" if view.rendition else ""
        generator = seeded_generator("latent", f"{self.seed} {view.content_hash}{rendition}{side}")
        return posterior.mean + posterior.std * torch.randn(posterior.mean.shape, generator=generator)


@dataclass(frozen=True, kw_only=True)
class CachedLatents:
    """Latents in memory: float32 `[views * n, c, h, w]`, all pictures' first views, then all second ones.

    Each picture has `variants`, with `flip` each of them as it is and mirrored. `std` is there when samples
    are to be drawn. They may lie in main memory for training on a `device`.
    """

    mean: torch.Tensor
    std: torch.Tensor | None = None
    flip: bool = False
    variants: int = 1
    device: torch.device = _CPU

    def drawn(self, pictures: Sequence[int], generator: torch.Generator) -> Sequence[int]:
        """A view of each picture, by the rules of `Latents`."""
        return _drawn_views(len(pictures), self.variants, self.flip, generator)

    def of_views(
        self, pictures: Sequence[int], views: Sequence[int], generator: torch.Generator
    ) -> torch.Tensor:
        """`[b, c, h, w]` on the device, by the rules of `Latents`."""
        count = len(self.mean) // (self.variants * (2 if self.flip else 1))
        rows = [picture + count * view for picture, view in zip(pictures, views, strict=True)]
        mean = _rows(self.mean, rows)
        if self.std is not None:
            mean = _sample(mean, _rows(self.std, rows), generator)
        return to_device(mean, self.device)

    def still(self, pictures: Sequence[int]) -> torch.Tensor:
        """`[b, c, h, w]` on the device, by the rules of `Latents`."""
        return to_device(_rows(self.mean, pictures), self.device)

    def on(self, device: torch.device, *, beside: int = 0) -> CachedLatents:
        """For training on `device`: moved there, unless they would take much of its memory, together with
        what the same run has `beside` them, in bytes.
        """
        size = sum(tensor.nbytes for tensor in (self.mean, self.std) if tensor is not None)
        if size + beside > _MOST_ON_A_CARD:
            return dataclasses.replace(self, device=device)
        std = None if self.std is None else self.std.to(device)
        return dataclasses.replace(self, mean=self.mean.to(device), std=std, device=device)


@dataclass(frozen=True, kw_only=True)
class LatentsOnDisk:
    """Latents of more pictures than memory holds: read from the cache for each step."""

    cache: LatentCache
    content_hashes: tuple[str, ...]
    settings: LatentSettings
    device: torch.device = _CPU

    def drawn(self, pictures: Sequence[int], generator: torch.Generator) -> Sequence[int]:
        """A view of each picture, the same as from memory."""
        return _drawn_views(len(pictures), self.settings.rules.variants, self.settings.flip, generator)

    def of_views(
        self, pictures: Sequence[int], views: Sequence[int], generator: torch.Generator
    ) -> torch.Tensor:
        """`[b, c, h, w]` on the device, the same as from memory; raises StorageError."""
        wanted = [
            self.settings.view(self.content_hashes[picture], number)
            for picture, number in zip(pictures, views, strict=True)
        ]
        posteriors = [self._read(view) for view in wanted]
        mean = self._stacked(wanted, posteriors)
        if self.settings.is_resampled:
            mean = _sample(mean, torch.stack([posterior.std for posterior in posteriors]), generator)
        return to_device(mean, self.device)

    def still(self, pictures: Sequence[int]) -> torch.Tensor:
        """`[b, c, h, w]` on the device, the same as from memory; raises StorageError."""
        views = [self.settings.view(self.content_hashes[picture], 0) for picture in pictures]
        return self._stacked(views, [self._read(view) for view in views]).to(self.device)

    def _stacked(self, views: Sequence[View], posteriors: Sequence[Posterior]) -> torch.Tensor:
        kept = [self.settings.kept(view, found) for view, found in zip(views, posteriors, strict=True)]
        return torch.stack(kept)

    def _read(self, view: View) -> Posterior:
        found = self.cache.read(view)
        if found is None:
            raise StorageError(
                f"Reading the latents {self.cache.path_of(view)} failed: they were there when the training"
                " began, and aren't there whole any more. Leave that folder alone while a training runs;"
                " resume, and they are encoded again."
            )
        return found


def _drawn_views(count: int, variants: int, flip: bool, generator: torch.Generator) -> list[int]:
    """The number of a view for each of `count` pictures, all by an even chance."""
    num_sides = 2 if flip else 1
    sides = _drawn(num_sides, count, generator)
    return [v * num_sides + side for v, side in zip(_drawn(variants, count, generator), sides, strict=True)]


def _drawn(choices: int, count: int, generator: torch.Generator) -> list[int]:
    """`count` numbers below `choices`, each by an even chance; nothing is drawn for a choice of one."""
    if choices == 1:
        return [0] * count
    numbers: list[int] = torch.randint(choices, (count,), generator=generator).tolist()
    return numbers


def _sample(mean: torch.Tensor, std: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A draw from each posterior; the same numbers whatever device the tensors are on."""
    noise = to_device(torch.randn(mean.shape, generator=generator), mean.device)
    return noise.mul_(std).add_(mean)


def _rows(tensors: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
    """Not by a list as index: that would go to the card first, and the program would wait for it."""
    return torch.stack([tensors[row] for row in rows])
