"""Latents of pictures of several sizes: a batch has one size, and its latents lie together."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch

from ..models.model import Model
from .latent_encoding import EncodingProgress, encode_latents, latent_shape
from .latent_shelf import Room, bytes_in_memory
from .latents import Latents, LatentSettings
from .report import DatasetImage

__all__ = ["LatentsBySize", "encode_by_size", "groups_of"]

Size = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class LatentsBySize:
    """Latents of several sizes; pictures that are asked for together have the same.

    `places` tell for each picture which of `members` has its latents, and under which index.
    """

    members: tuple[Latents, ...]
    places: tuple[tuple[int, int], ...]

    def drawn(self, pictures: Sequence[int], generator: torch.Generator) -> Sequence[int]:
        """A view of each picture, as the member draws them."""
        member, own = self._own(pictures)
        return member.drawn(own, generator)

    def of_views(
        self, pictures: Sequence[int], views: Sequence[int], generator: torch.Generator
    ) -> torch.Tensor:
        """`[b, c, h, w]` of the member that has them."""
        member, own = self._own(pictures)
        return member.of_views(own, views, generator)

    def still(self, pictures: Sequence[int]) -> torch.Tensor:
        """`[b, c, h, w]` of the member that has them."""
        member, own = self._own(pictures)
        return member.still(own)

    def _own(self, pictures: Sequence[int]) -> tuple[Latents, list[int]]:
        places = [self.places[picture] for picture in pictures]
        return self.members[places[0][0]], [index for _, index in places]


def groups_of(sizes: Sequence[Size]) -> tuple[int, ...]:
    """A number for each picture, the same for those of one size: a batch takes pictures of one group."""
    numbers: dict[Size, int] = {}
    return tuple(numbers.setdefault(size, len(numbers)) for size in sizes)


def encode_by_size(
    images: Sequence[DatasetImage],
    sizes: Sequence[Size],
    model: Model,
    settings: LatentSettings,
    *,
    cache_dir: Path,
) -> Generator[EncodingProgress, None, Latents]:
    """The latents of pictures that are shown at `sizes`, width and height; else as `encode_latents`."""
    groups = groups_of(sizes)
    if len(set(groups)) == 1:
        settings = dataclasses.replace(settings, width=sizes[0][0], height=sizes[0][1])
        return (yield from encode_latents(images, model, settings, cache_dir=cache_dir))
    rooms = _rooms(sizes, groups, model, settings)
    members: list[Latents] = []
    places: list[tuple[int, int]] = [(0, 0)] * len(images)
    done = 0
    for group in range(max(groups) + 1):
        chosen = [index for index, own in enumerate(groups) if own == group]
        for place, index in enumerate(chosen):
            places[index] = (group, place)
        width, height = sizes[chosen[0]]
        own_settings = dataclasses.replace(settings, width=width, height=height)
        own_images = [images[index] for index in chosen]
        encoding = encode_latents(own_images, model, own_settings, cache_dir=cache_dir, room=rooms[group])
        members.append((yield from _told(encoding, done, len(images))))
        done += len(chosen)
    return LatentsBySize(members=tuple(members), places=tuple(places))


def _rooms(
    sizes: Sequence[Size], groups: Sequence[int], model: Model, settings: LatentSettings
) -> list[Room]:
    """What the latents of each group may fill: all together no more than those of one size might."""
    needed = [0] * (max(groups) + 1)
    for size, group in zip(sizes, groups, strict=True):
        needed[group] += bytes_in_memory(1, settings, latent_shape(model, *size))
    free = Room().free
    return [Room(free=free, beside=sum(needed) - own) for own in needed]


def _told(
    encoding: Generator[EncodingProgress, None, Latents], before: int, total: int
) -> Generator[EncodingProgress, None, Latents]:
    """The progress of one size as a part of the whole."""
    with closing(encoding):
        while True:
            try:
                progress = next(encoding)
            except StopIteration as finished:
                latents: Latents = finished.value
                return latents
            left = progress.seconds_left
            if left is not None and progress.done:
                left *= (total - before - progress.done) / max(1, progress.total - progress.done)
            yield EncodingProgress(done=before + progress.done, total=total, seconds_left=left)
