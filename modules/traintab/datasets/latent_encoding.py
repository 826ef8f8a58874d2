"""Pictures to latents, once: training itself never runs the VAE."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch

from ..errors import DatasetError, NonFiniteError, StorageError
from ..models.diffusers_adapter import config_of
from ..models.memory import free_cached_memory, is_memory_shortage, memory_use
from ..models.memory_advice import in_gib
from ..models.model import Model
from ..pictures import UNREADABLE, open_picture
from .ahead import done_ahead
from .latent_cache import LatentCache, Posterior, View
from .latent_shelf import LatentShelf, Room
from .latents import Latents, LatentSettings
from .pictures import pixels, shown_picture
from .report import DatasetImage
from .variants import Variant

__all__ = ["EncodingProgress", "encode_latents", "latent_shape"]

_READ_BETWEEN_REPORTS = 64
_MOST_THREADS = 4
# Of a picture that is opened once; others of its views wait until these were encoded.
_VIEWS_AT_ONCE = 4
# What the VAE holds of a picture at its peak, in copies of the first layer's output, float32.
_COPIES_AT_PEAK = 8
_MOST_OF_FREE_MEMORY = 0.5
_LARGEST_BATCH = 8


@dataclass(frozen=True, kw_only=True)
class EncodingProgress:
    """`done` of `total` pictures have their latents; `seconds_left` is known once some were encoded."""

    done: int
    total: int
    seconds_left: float | None = None


Encoding = Generator[EncodingProgress, None, Latents]


def latent_shape(model: Model, width: int, height: int) -> tuple[int, int, int]:
    """`[c, h, w]` of the latents of a picture of this size in pixels."""
    return model.latent_channels, height // model.vae_scale, width // model.vae_scale


def encode_latents(
    images: Sequence[DatasetImage],
    model: Model,
    settings: LatentSettings,
    *,
    cache_dir: Path,
    room: Room | None = None,
) -> Encoding:
    """The latents of all pictures, for training on the model's device; tells how far it is.

    What the cache below `cache_dir` holds already isn't encoded again. Latents that would fill more than
    half of the free memory, or of `room`, stay on the disk. Raises StorageError when the cache can't be
    written or the disk has no room for it, NonFiniteError when the VAE overflows, DatasetError when a picture
    has gone.
    """
    cache = LatentCache(
        cache_dir,
        fingerprint=model.vae_fingerprint,
        size=(settings.width, settings.height),
        shape=latent_shape(model, settings.width, settings.height),
    )
    shelf = LatentShelf([image.content_hash for image in images], settings, cache, room=room)
    for number, view in enumerate(shelf.views, start=1):
        found = cache.read(view)
        if found is not None:
            shelf.put(view, found)
        if number % _READ_BETWEEN_REPORTS == 0:
            yield EncodingProgress(done=shelf.done, total=len(images))
    yield EncodingProgress(done=shelf.done, total=len(images))
    if shelf.missing:
        _check_room(cache, len(shelf.missing))
        yield from _encode_missing(images, model, settings, shelf)
    return shelf.latents(model.device)


def _encode_missing(
    images: Sequence[DatasetImage], model: Model, settings: LatentSettings, shelf: LatentShelf
) -> Iterator[EncodingProgress]:
    """Put what is missing on the shelf and into the cache, batch by batch."""
    wanted, begun, encoded = shelf.missing, time.monotonic(), 0
    batch_size = _batch_size(model, settings)
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    opened = done_ahead(
        partial(_opened, settings=settings),
        _work(images, settings, set(wanted)),
        threads=threads,
        at_most=threads + batch_size,
    )
    with closing(opened):
        for batch in _batches((shown for views in opened for shown in views), batch_size):
            names = [each.image.path.name for each in batch]
            posteriors = _encoded(torch.stack([each.pixels for each in batch]), model, names)
            for each, posterior in zip(batch, posteriors, strict=True):
                shelf.cache.write(each.view, posterior)
                shelf.put(each.view, posterior)
            encoded += len(batch)
            left = (time.monotonic() - begun) / encoded * (len(wanted) - encoded)
            yield EncodingProgress(done=shelf.done, total=len(images), seconds_left=left)


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A view as the VAE wants it: float32 `[3, height, width]`."""

    image: DatasetImage
    view: View
    pixels: torch.Tensor


class _Work(NamedTuple):
    """Some views of a picture that are to be encoded, and which variant each of them shows."""

    image: DatasetImage
    views: dict[View, Variant]


def _work(images: Sequence[DatasetImage], settings: LatentSettings, wanted: set[View]) -> Iterator[_Work]:
    """Every wanted view once, a few of one picture at a time."""
    for content_hash, image in {image.content_hash: image for image in images}.items():
        views = {
            view: settings.rules.variant(content_hash, number // len(settings.sides))
            for number, view in enumerate(settings.views(content_hash))
            if view in wanted
        }
        items = iter(views.items())
        while some := dict(islice(items, _VIEWS_AT_ONCE)):
            yield _Work(image, some)


def _opened(work: _Work, settings: LatentSettings) -> list[_Shown]:
    """The views of a picture, which could be read when the folder was scanned, at the size of training."""
    image, rules = work.image, settings.rules
    try:
        picture = open_picture(image.path, rules.background)
        seen = {
            variant: pixels(shown_picture(picture, (settings.width, settings.height), rules, variant))
            for variant in set(work.views.values())
        }
    except UNREADABLE as error:
        raise DatasetError(
            f"The picture {image.path} was there a moment ago and can't be read any more ({error}); bring it"
            " back, or start again without it."
        ) from error
    return [
        _Shown(image=image, view=view, pixels=seen[variant].flip(-1) if view.is_mirrored else seen[variant])
        for view, variant in work.views.items()
    ]


def _batches(items: Iterable[_Shown], size: int) -> Iterator[list[_Shown]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def _encoded(batch: torch.Tensor, model: Model, names: Sequence[str]) -> list[Posterior]:
    """The latents of pixels `[b, 3, h, w]`, on the CPU; halves of the batch when memory runs out."""
    try:
        mean, std = (tensor.cpu() for tensor in model.encode_images(batch))
    except (RuntimeError, MemoryError) as error:
        if len(batch) == 1 or not is_memory_shortage(error):
            raise
    else:
        if not bool(torch.isfinite(mean).all() and torch.isfinite(std).all()):
            raise NonFiniteError(
                f"Encoding {', '.join(names)} gave values that are no numbers: the VAE of {model.name}"
                " overflows. Choose another model or VAE."
            )
        return [Posterior(*pair) for pair in zip(mean, std, strict=True)]
    free_cached_memory()
    half = len(batch) // 2
    return [
        *_encoded(batch[:half], model, names[:half]),
        *_encoded(batch[half:], model, names[half:]),
    ]


def _batch_size(model: Model, settings: LatentSettings) -> int:
    """Pictures a call. On the processor one: more aren't faster, and a picture's latents would depend, in
    their last bits, on which others there are.
    """
    use = None if _on_processor(model) else memory_use(model.device)
    if use is None:
        return 1
    channels = int(config_of(model.vae, "block_out_channels")[0])
    each = _COPIES_AT_PEAK * 4 * channels * settings.width * settings.height
    return max(1, min(_LARGEST_BATCH, int(use.available * _MOST_OF_FREE_MEMORY) // each))


def _on_processor(model: Model) -> bool:
    return model.device.type == "cpu"


def _check_room(cache: LatentCache, count: int) -> None:
    """Raise StorageError when the disk can't hold what is to be encoded; better now than at the last one."""
    existing = next(folder for folder in (cache.folder, *cache.folder.parents) if folder.exists())
    needed, free = count * cache.bytes_per_view, shutil.disk_usage(existing).free
    if needed > free:
        raise StorageError(
            f"Encoding the pictures needs {in_gib(needed)} in {cache.folder}, where {in_gib(free)} are free."
            " Free some disk space, or train with fewer or smaller pictures."
        )
