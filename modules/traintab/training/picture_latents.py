"""The latents of a run's pictures, with word of how far they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial

from ..datasets.latent_encoding import EncodingProgress
from ..datasets.latents import Latents, LatentsOnDisk
from ..datasets.sized_latents import LatentsBySize, encode_by_size
from ..models.memory_advice import memory_shortage_told
from ..models.model import Model
from ..paths import Paths
from .events import TrainingNotice
from .failures import less_to_encode
from .picture_sizes import latent_settings
from .plan import TrainingPlan

__all__ = ["picture_latents"]

_SECONDS_BETWEEN_NOTICES = 0.5
_WORTH_TELLING = 5.0


def picture_latents(
    plan: TrainingPlan, model: Model, paths: Paths, should_stop: Callable[[], bool]
) -> Generator[TrainingNotice, None, Latents | None]:
    """The latents by the model's VAE, encoded or from the cache; None when `should_stop` said so.

    Raises what `encode_latents` raises, and MemoryShortageError with what to lower.
    """
    settings, sizes = latent_settings(plan, model), plan.sizes_for(model)
    encoding = encode_by_size(plan.dataset.images, sizes, model, settings, cache_dir=paths.cache_dir)
    advice = partial(less_to_encode, *max(sizes, key=lambda size: size[0] * size[1]))
    told_at = float("-inf")
    with closing(encoding), memory_shortage_told("Encoding the pictures", model.device, advice):
        while True:
            try:
                progress = next(encoding)
            except StopIteration as finished:
                latents: Latents = finished.value
                break
            if should_stop():
                return None
            now = time.monotonic()
            if progress.done == progress.total or now - told_at >= _SECONDS_BETWEEN_NOTICES:
                told_at = now
                yield _notice(progress)
    if any(isinstance(each, LatentsOnDisk) for each in _members(latents)):
        yield TrainingNotice(
            message=f"The latents of {len(plan.dataset.images)} pictures would fill more than half of the"
            " free memory, so each step reads its own from the disk: a little slower, and the same result."
        )
    return latents


def _members(latents: Latents) -> tuple[Latents, ...]:
    return latents.members if isinstance(latents, LatentsBySize) else (latents,)


def _notice(progress: EncodingProgress) -> TrainingNotice:
    message = f"Encoding pictures: {progress.done} of {progress.total}"
    left = progress.seconds_left
    if left is not None and left >= _WORTH_TELLING:
        message += f", about {_told(left)} left"
    return TrainingNotice(message=message, fraction=progress.done / progress.total)


def _told(seconds: float) -> str:
    """`8 s`, `3 min`: as exact as an estimate is."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
