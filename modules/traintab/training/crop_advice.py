"""What speaks for buckets: pictures that lose much to the crop."""

from __future__ import annotations

from collections.abc import Sequence

from ..configs import TrainingConfig
from ..datasets.report import DatasetImage

__all__ = ["crop_advice"]

_WORTH_TELLING = 0.3
_NAMED_AT_MOST = 3


def crop_advice(config: TrainingConfig, images: Sequence[DatasetImage]) -> str:
    """A sentence when more than 30 % of a picture's area is cut off to give it the run's shape; else empty.

    Without width and height that is a square, as every model's own size is.
    """
    width, height = config.dataset.width, config.dataset.height
    if config.pictures.resize_mode != "crop" or (width is None) != (height is None):
        return ""
    shape = 1.0 if width is None or height is None else width / height
    cut = [image for image in images if _cut_off(image, shape) > _WORTH_TELLING]
    if not cut:
        return ""
    names = ", ".join(image.name for image in cut[:_NAMED_AT_MOST])
    more = f" and {len(cut) - _NAMED_AT_MOST} more" if len(cut) > _NAMED_AT_MOST else ""
    return (
        f"More than {_WORTH_TELLING:.0%} of {names}{more} is cut off to fit the shape of the training; Resize"
        " mode buckets would show nearly all of each picture."
    )


def _cut_off(image: DatasetImage, shape: float) -> float:
    """The share of a picture's area that is outside the largest part of this shape, width by height."""
    ratio = image.width / image.height / shape
    return 1 - min(ratio, 1 / ratio)
