"""Which training pictures one picture becomes: every operation that is switched on adds its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from PIL import Image

from ..configs import PreprocessConfig
from .auto_size import auto_size_cut
from .crop import Cut, centre_cut
from .flip import exchanges_left_and_right, flips
from .split import is_oversized, split_cuts

__all__ = ["Derived", "DerivedPicture", "derive"]


@dataclass(frozen=True, kw_only=True)
class DerivedPicture:
    """One training picture.

    `image` is RGB, or RGBA where transparency is kept; `mask` is "L" of the same size: what the mask became
    under the same cuts. `mirrored` tells that left and right are exchanged. `original` is the index in
    `Derived.pictures` of the picture this one is a copy of and takes the caption from: its own for originals.
    """

    image: Image.Image
    mask: Image.Image | None = None
    mirrored: bool = False
    original: int = 0


@dataclass
class Derived:
    """The pictures made from one, in writing order; pictures to look at only; sentences worth reading."""

    pictures: list[DerivedPicture] = field(default_factory=list)
    debug_pictures: list[Image.Image] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def derive(
    image: Image.Image,
    config: PreprocessConfig,
    size: tuple[int, int],
    *,
    mask: Image.Image | None = None,
) -> Derived:
    """The training pictures of `image`, RGB or RGBA, for a target `size` of (width, height) pixels.

    `mask` is "L" and is laid over the whole picture, whatever its own size. The operations are independent,
    as in the web UI: a split picture is also cropped around its focal point when both are asked for. Without
    any the middle is cropped. Flipped copies follow each picture.
    """
    derived = Derived()
    cuts = _cuts(derived, image, config, size)
    for cut in cuts:
        part = cut.of(image)
        its_mask = None if mask is None else cut.of(mask, Image.Resampling.BILINEAR)
        _add_with_copies(derived, DerivedPicture(image=part, mask=its_mask), config)
    return derived


def _cuts(derived: Derived, image: Image.Image, config: PreprocessConfig, size: tuple[int, int]) -> list[Cut]:
    """What is cut out of `image`, in writing order; notes and debug pictures go to `derived`."""
    cuts: list[Cut] = []
    if config.split and is_oversized(image.size, *size, config.splitting.split_threshold):
        cuts += split_cuts(image.size, *size, config.splitting.split_overlap)
        _say_if_enlarged(derived, image.size, cuts[-1])
    if config.focal_crop:
        cuts.append(_focal_cut(derived, image, config, size))
        _say_if_enlarged(derived, image.size, cuts[-1])
    asked_elsewhere = bool(cuts) or config.auto_size
    if config.auto_size:
        cuts += _auto_size_cut(derived, image.size, config)
    if config.keep_original_size:
        cuts.append(Cut(scaled=image.size, box=(0, 0, *image.size)))
    elif not asked_elsewhere:
        cuts.append(centre_cut(image.size, *size))
        _say_if_enlarged(derived, image.size, cuts[-1])
    return cuts


def _focal_cut(derived: Derived, image: Image.Image, config: PreprocessConfig, size: tuple[int, int]) -> Cut:
    # OpenCV is large, and only this operation needs it.
    from .focal_crop import focal_crop

    crop = focal_crop(image.convert("RGB"), *size, config.focal_point)
    if config.focal_point.focal_debug:
        derived.debug_pictures.append(crop.debug_picture())
    return crop.cut


def _auto_size_cut(derived: Derived, size: tuple[int, int], config: PreprocessConfig) -> Sequence[Cut]:
    cut = auto_size_cut(size, config.auto_sizing)
    if cut is not None:
        _say_if_enlarged(derived, size, cut)
        return [cut]
    limits = config.auto_sizing
    derived.notes.append(
        f"Auto-sized crop found no size from {limits.dimension_lower} to {limits.dimension_upper} pixels"
        f" within {limits.auto_size_threshold:g} of the shape {size[0]}x{size[1]}; raise the error threshold."
    )
    return []


def _say_if_enlarged(derived: Derived, size: tuple[int, int], cut: Cut) -> None:
    """Say so when pixels had to be invented."""
    width, height = cut.size
    factor = max(width / size[0], height / size[1])
    if factor > 1:
        derived.notes.append(
            f"{size[0]}x{size[1]} pixels were enlarged {factor:.2g} times to {width}x{height}: it will look"
            " soft; a larger picture or a smaller size trains better."
        )


def _add_with_copies(derived: Derived, picture: DerivedPicture, config: PreprocessConfig) -> None:
    original = len(derived.pictures)
    derived.pictures.append(replace(picture, original=original))
    for flip in flips(config.flip):
        derived.pictures.append(
            DerivedPicture(
                image=picture.image.transpose(flip),
                mask=None if picture.mask is None else picture.mask.transpose(flip),
                mirrored=exchanges_left_and_right(flip),
                original=original,
            )
        )
