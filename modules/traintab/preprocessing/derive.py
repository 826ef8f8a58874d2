"""Which training pictures one picture becomes: every operation that is switched on adds its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

from ..configs import PreprocessConfig
from .auto_size import auto_sized
from .crop import resize_and_crop
from .flip import flipped_copies
from .split import is_oversized, split_oversized

__all__ = ["Derived", "derive"]


@dataclass
class Derived:
    """The pictures made from one, in writing order; pictures to look at only; sentences worth reading."""

    pictures: list[Image.Image] = field(default_factory=list)
    debug_pictures: list[Image.Image] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def derive(image: Image.Image, config: PreprocessConfig, size: tuple[int, int]) -> Derived:
    """The training pictures of `image`, an RGB picture, for a target `size` of (width, height) pixels.

    The operations are independent, as in the web UI: a split picture is also cropped around its focal
    point when both are asked for. Without any the middle is cropped. Flipped copies follow each picture.
    """
    derived = Derived()
    if config.split and is_oversized(image, *size, config.splitting.split_threshold):
        _add(derived, image, split_oversized(image, *size, config.splitting.split_overlap))
    if config.focal_crop:
        _add_focal_crop(derived, image, config, size)
    asked_elsewhere = bool(derived.pictures)
    if config.auto_size:
        asked_elsewhere = True
        _add_auto_sized(derived, image, config)
    if config.keep_original_size:
        derived.pictures.append(image)
    elif not asked_elsewhere:
        _add(derived, image, [resize_and_crop(image, *size)])
    derived.pictures = [
        copy for picture in derived.pictures for copy in (picture, *flipped_copies(picture, config.flip))
    ]
    return derived


def _add_focal_crop(
    derived: Derived, image: Image.Image, config: PreprocessConfig, size: tuple[int, int]
) -> None:
    # OpenCV is large, and only this operation needs it.
    from .focal_crop import focal_crop

    crop = focal_crop(image, *size, config.focal_point)
    _add(derived, image, [crop.image])
    if config.focal_point.focal_debug:
        derived.debug_pictures.append(crop.debug_picture())


def _add_auto_sized(derived: Derived, image: Image.Image, config: PreprocessConfig) -> None:
    resized = auto_sized(image, config.auto_sizing)
    if resized is not None:
        _add(derived, image, [resized])
        return
    limits = config.auto_sizing
    derived.notes.append(
        f"Auto-sized crop found no size from {limits.dimension_lower} to {limits.dimension_upper} pixels "
        f" within {limits.auto_size_threshold:g} of the shape {image.width}x{image.height}; raise the error"
        " threshold."
    )


def _add(derived: Derived, image: Image.Image, pictures: list[Image.Image]) -> None:
    """Take `pictures` made from `image`, and say so when pixels had to be invented for them."""
    derived.pictures += pictures
    width, height = pictures[0].size
    factor = max(width / image.width, height / image.height)
    if factor > 1:
        derived.notes.append(
            f"{image.width}x{image.height} pixels were enlarged {factor:.2g} times to {width}x{height}: it"
            " will look soft; a larger picture or a smaller size trains better."
        )
