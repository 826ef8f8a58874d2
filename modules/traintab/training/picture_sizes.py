"""How a run's pictures are brought to size: the rules of its config, and each picture's own size by them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from ..configs import TrainingConfig
from ..datasets.buckets import LARGEST_SIDE, SMALLEST_SIDE, SizeRules
from ..datasets.latents import LatentSettings
from ..datasets.report import DatasetImage, DatasetReport
from ..datasets.variants import PictureRules
from ..errors import DatasetError
from ..models.model import Model
from .plan import TrainingPlan

__all__ = ["check_sizes", "latent_settings", "sized", "sized_by", "sizes_told", "with_sizes"]

_NAMED_AT_MOST = 5
_SIZES_TOLD = 8


def with_sizes(plan: TrainingPlan, model: Model) -> TrainingPlan:
    """The plan with width and height filled in and a size for each picture: the model's own where left open.

    As `sized_by` does it.
    """
    return sized_by(plan, *plan.size_for(model))


def sized_by(plan: TrainingPlan, width: int, height: int) -> TrainingPlan:
    """The plan with this width and height, in pixels, and a size for each picture.

    With several resolutions each picture is there once for each of them. Raises ConfigError when no bucket
    fits.
    """
    dataset = dataclasses.replace(plan.config.dataset, width=width, height=height)
    config = dataclasses.replace(plan.config, dataset=dataset)
    pictures, sizes = sized(config, plan.dataset, (width, height))
    return dataclasses.replace(plan, config=config, dataset=pictures, sizes=sizes)


def sized(
    config: TrainingConfig, dataset: DatasetReport, size: tuple[int, int]
) -> tuple[DatasetReport, tuple[tuple[int, int], ...]]:
    """The pictures, once for each resolution, and a width and height for each, in a run of this size.

    Raises ConfigError when no bucket fits.
    """
    rules = _size_rules(config, *size)
    shown = [(image, each) for image in dataset.images for each in rules.sizes_of(image.width, image.height)]
    images = tuple(image for image, _ in shown)
    return dataclasses.replace(dataset, images=images), tuple(each for _, each in shown)


def latent_settings(plan: TrainingPlan, model: Model) -> LatentSettings:
    """How the plan's pictures become latents; width and height are those of pictures without their own."""
    config, (width, height) = plan.config, plan.size_for(model)
    return LatentSettings(
        width=width,
        height=height,
        method=config.dataset.latent_sampling_method,
        flip=config.dataset.flip_augmentation,
        seed=config.seed,
        rules=_picture_rules(config),
    )


def check_sizes(config: TrainingConfig, images: Sequence[DatasetImage]) -> None:
    """Raise ConfigError or DatasetError for sizes that can't be trained, as far as they are known by now."""
    if config.pictures.resize_mode == "none":
        _check_own_sizes(images)
    width, height = config.dataset.width, config.dataset.height
    if width and height:
        rules = _size_rules(config, width, height)
    elif config.pictures.resolution_sides:
        rules = _size_rules(config, SMALLEST_SIDE, SMALLEST_SIDE)  # which resolutions replace
    else:
        return
    for image in images:
        rules.sizes_of(image.width, image.height)


def sizes_told(plan: TrainingPlan) -> str:
    """Which sizes pictures are shown at, when that isn't the same for all; else empty."""
    counted = sorted(Counter(plan.sizes).items(), key=lambda each: (-each[1], each[0]))
    if len(counted) < 2:
        return ""
    shown = counted[:_SIZES_TOLD]
    listed = ", ".join(f"{width} x {height} ({number})" for (width, height), number in shown)
    more = f" and {len(counted) - _SIZES_TOLD} more" if len(counted) > _SIZES_TOLD else ""
    return (
        f"Pictures are shown at {len(counted)} sizes: {listed}{more}. Only those of one size share a batch."
    )


def _size_rules(config: TrainingConfig, width: int, height: int) -> SizeRules:
    pictures = config.pictures
    return SizeRules(
        width=width,
        height=height,
        resize_mode=pictures.resize_mode,
        resolutions=pictures.resolution_sides,
        bucket_step=pictures.bucket_step,
        smallest=pictures.bucket_min,
        largest=pictures.bucket_max,
        no_upscale=pictures.bucket_no_upscale,
    )


def _picture_rules(config: TrainingConfig) -> PictureRules:
    pictures = config.pictures
    is_varied = bool(pictures.random_crop or pictures.color_jitter or pictures.grayscale_copies)
    return PictureRules(
        resize_mode=pictures.resize_mode,
        background=pictures.transparency_color,
        variants=pictures.picture_variants if is_varied else 1,
        random_crop=pictures.random_crop,
        color_jitter=pictures.color_jitter,
        grayscale_copies=pictures.grayscale_copies,
    )


def _check_own_sizes(images: Sequence[DatasetImage]) -> None:
    """A side that is too small has no latents to speak of; one that is too large no memory to fit in."""
    wrong = [
        i for i in images if min(i.width, i.height) < SMALLEST_SIDE or max(i.width, i.height) > LARGEST_SIDE
    ]
    if wrong:
        listed = ", ".join(f"{i.name} ({i.width} x {i.height})" for i in wrong[:_NAMED_AT_MOST])
        more = f" and {len(wrong) - _NAMED_AT_MOST} more" if len(wrong) > _NAMED_AT_MOST else ""
        raise DatasetError(
            f"Resize mode none shows pictures at their own size, and {listed}{more} can't be: sides must be"
            f" from {SMALLEST_SIDE} to {LARGEST_SIDE} pixels. Choose Resize mode buckets, or resize these."
        )
