"""What each way of cutting takes out of a picture, and what it has to say about that."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from ..configs import PreprocessConfig
from .auto_size import auto_size_cut
from .copies import pictures_of_one
from .crop import Cut, centre_cut
from .derived import Derived
from .split import is_oversized, split_cuts
from .transparency import without_transparency

__all__ = ["SEEN_ENLARGEMENT", "CutWork", "auto_size", "focal_crop", "keep_original_size", "middle", "split"]

# A picture of one line of pixels would be split into thousands: these are as many as a gigabyte holds.
_MOST_PIXELS = 1 << 28
SEEN_ENLARGEMENT = 1.05


@dataclass(frozen=True, kw_only=True)
class CutWork:
    """A picture to be cut for a target `size` (width, height) in pixels; `derived` takes notes and debug
    pictures. `whole` is the picture's own size, of which `image` may be a smaller version.
    """

    image: Image.Image
    whole: tuple[int, int]
    config: PreprocessConfig
    size: tuple[int, int]
    derived: Derived


def split(work: CutWork) -> list[Cut]:
    """The pieces of an oversized picture; none of any other."""
    image_size, splitting = work.whole, work.config.splitting
    if not is_oversized(image_size, *work.size, splitting.split_threshold):
        return []
    cuts = split_cuts(image_size, *work.size, splitting.split_overlap)
    pixels = len(cuts) * pictures_of_one(work.config) * work.size[0] * work.size[1]
    if pixels > _MOST_PIXELS:
        work.derived.note(
            f"{image_size[0]}x{image_size[1]} pixels would be split into {len(cuts)} pieces, more than fit"
            " into memory; cut the picture into shorter ones yourself, or lower Split image overlap ratio."
        )
        return []
    _say_if_enlarged(work, cuts[0])
    return cuts


def focal_crop(work: CutWork) -> list[Cut]:
    """The part around what draws the eye."""
    # OpenCV is large, and only this operation needs it.
    from .focal_crop import focal_crop as around_focus

    seen = without_transparency(work.image, work.config.colors.transparency_color)
    crop = around_focus(seen, *work.size, work.config.focal_point)
    if work.config.focal_point.focal_debug:
        work.derived.debug_pictures.append(crop.debug_picture())
    _say_if_enlarged(work, crop.cut)
    return [crop.cut]


def auto_size(work: CutWork) -> list[Cut]:
    """The middle at the size that suits the picture best; none when no size does."""
    size, limits = work.whole, work.config.auto_sizing
    cut = auto_size_cut(size, limits)
    if cut is None:
        work.derived.note(
            f"Auto-sized crop found no size from {limits.dimension_lower} to {limits.dimension_upper} pixels"
            f" within {limits.auto_size_threshold:g} of the shape {size[0]}x{size[1]}; a higher Error"
            " threshold lets it choose."
        )
        return []
    _say_if_enlarged(work, cut)
    return [cut]


def keep_original_size(work: CutWork) -> list[Cut]:
    """The whole picture as it is."""
    return [Cut(scaled=work.whole, box=(0, 0, *work.whole))]


def middle(work: CutWork) -> list[Cut]:
    """The middle at the target size."""
    cut = centre_cut(work.whole, *work.size)
    _say_if_enlarged(work, cut)
    return [cut]


def _say_if_enlarged(work: CutWork, cut: Cut) -> None:
    """Say so when so many pixels had to be invented that one can see it."""
    (across, down), (width, height) = work.whole, cut.size
    factor = max(cut.scaled[0] / across, cut.scaled[1] / down)
    if factor >= SEEN_ENLARGEMENT:
        times = f"{factor:.2g}" if factor < 99 else f"{factor:,.0f}"
        work.derived.note(
            f"{across}x{down} pixels were enlarged {times} times to {width}x{height}: it will look"
            " soft; a larger picture or a smaller size trains better."
        )
