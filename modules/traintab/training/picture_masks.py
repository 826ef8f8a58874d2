"""The masks of a run's pictures: found, read, and what is to be said of them."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from ..configs import MasksConfig
from ..datasets.mask_files import find_mask
from ..datasets.masks import LossMasks, read_masks
from ..datasets.report import DatasetImage
from ..errors import DatasetError
from ..models.model import Model
from ..pictures import UNREADABLE, open_picture
from .events import TrainingNotice
from .picture_sizes import latent_settings
from .plan import TrainingPlan

__all__ = ["masks_told", "picture_masks", "with_mask_files"]

_NAMED_AT_MOST = 5
_SECONDS_BETWEEN_NOTICES = 0.5


def with_mask_files(
    images: Sequence[DatasetImage], masks: MasksConfig
) -> tuple[tuple[DatasetImage, ...], str]:
    """The pictures with their mask files, where such are wanted, and a sentence where there is one to say.

    Raises DatasetError when there are none at all, and for one that can't be read.
    """
    found = {image.path: find_mask(image.path) for image in images}
    count = sum(mask is not None for mask in found.values())
    if masks.loss_mask != "files":
        unused = (
            f"{_pictures(count)} {'has' if count == 1 else 'have'} mask files, which aren't used; Loss mask"
        )
        return tuple(images), f"{unused} files would use them." if count and masks.loss_mask == "off" else ""
    if not count:
        raise DatasetError(
            "Loss mask is files, but no picture has one. Put a mask beside each, white where it is to be"
            f" learned: {images[0].path.stem}-masklabel.png, or {images[0].path.stem}.png in a folder mask."
        )
    read = [_with_mask(image, found[image.path]) for image in images]
    return tuple(image for image, _ in read), _stretched_told(
        [image.name for image, fits in read if not fits]
    )


def picture_masks(
    plan: TrainingPlan, model: Model, should_stop: Callable[[], bool]
) -> Generator[TrainingNotice, None, LossMasks | None]:
    """The masks as latents show them, for a run that wants some; None when `should_stop` said so.

    Raises DatasetError.
    """
    masks, images, told_at = plan.config.masks, plan.dataset.images, time.monotonic()
    reading = read_masks(
        images,
        plan.sizes_for(model),
        latent_settings(plan, model),
        cell=model.vae_scale,
        source=masks.loss_mask,
        floor=masks.unmasked_weight,
    )
    with closing(reading):
        while True:
            try:
                done = next(reading)
            except StopIteration as finished:
                found: LossMasks = finished.value
                return found
            if should_stop():
                return None
            if time.monotonic() - told_at >= _SECONDS_BETWEEN_NOTICES:
                told_at = time.monotonic()
                message = f"Reading masks: {done} of {len(images)}"
                yield TrainingNotice(message=message, fraction=done / len(images))


def masks_told(config: MasksConfig, masks: LossMasks) -> str:
    """Which pictures are learned as a whole although masks are wanted; empty when none are."""
    sentences = []
    if masks.whole:
        why = (
            "nothing that is shown of them is transparent"
            if config.loss_mask == "alpha"
            else "they have no mask, or one that is white in all that is shown"
        )
        sentences.append(f"Learned as a whole, because {why}: {_named(masks.whole)}.")
    if masks.empty:
        why = "transparent" if config.loss_mask == "alpha" else "black in their masks"
        because = f"because all that is shown of them is {why}"
        sentences.append(f"Learned as a whole, {because}: {_named(masks.empty)}.")
    return " ".join(sentences)


def _with_mask(image: DatasetImage, mask: Path | None) -> tuple[DatasetImage, bool]:
    """The picture with its mask, and whether the mask has the picture's shape."""
    if mask is None:
        return image, True
    try:
        content = mask.read_bytes()
        width, height = open_picture(mask).size
    except UNREADABLE as error:
        raise DatasetError(
            f"The mask {mask} of {image.name} can't be read ({error}); save it again as PNG, or remove it."
        ) from error
    # Half a pixel of the smaller one is lost where either was made from the other.
    least = min(width, height, image.width, image.height)
    fits = abs(width * image.height / (height * image.width) - 1) <= 1 / least
    masked = dataclasses.replace(image, mask_path=mask, mask_hash=hashlib.sha256(content).hexdigest())
    return masked, fits


def _stretched_told(names: Sequence[str]) -> str:
    """Masks may have been made of a picture before it was turned or cut."""
    if not names:
        return ""
    return (
        f"The mask has another shape than the picture, and is stretched over it: {_named(names)}. If it was"
        " made before the picture was turned or cut, make it anew."
    )


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    return f"{', '.join(names[:_NAMED_AT_MOST])}{more}"


def _pictures(count: int) -> str:
    return f"{count} picture{'' if count == 1 else 's'}"
