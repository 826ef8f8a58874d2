"""Which training pictures one picture becomes, and in which order the operations follow each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PIL import Image

from ..configs import PreprocessConfig, all_options
from .copies import flipped, grayscale
from .crop import Cut
from .cuts import CutWork, auto_size, focal_crop, keep_original_size, middle, split
from .derived import Derived, DerivedPicture

__all__ = ["OPERATIONS", "Derived", "DerivedPicture", "Operation", "derive", "operations_on"]

_Work = TypeVar("_Work")
_Cutting = Callable[[CutWork], list[Cut]]
_Copying = Callable[[DerivedPicture, PreprocessConfig], Iterator[DerivedPicture]]


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[_Work]):
    """One operation: what the page calls it, whether a config asks for it, and what does it."""

    label: str
    is_on: Callable[[PreprocessConfig], bool]
    work: _Work


def _label(field: str) -> str:
    return all_options(PreprocessConfig)[field].label


# `opening` and `background` have done these before a picture comes here: so a filling colour is as chosen.
_BEFORE: tuple[Operation[None], ...] = (
    Operation(label="Turn upright, colours for screens", is_on=lambda _: True, work=None),
    Operation(label=_label("brightness"), is_on=lambda config: config.colors.brightness != 1, work=None),
    Operation(label=_label("contrast"), is_on=lambda config: config.colors.contrast != 1, work=None),
    Operation(
        label="Fill transparent parts", is_on=lambda config: not config.colors.keep_transparency, work=None
    ),
    Operation(
        label=_label("background"), is_on=lambda config: config.background.background != "keep", work=None
    ),
)
_CUTS: tuple[Operation[_Cutting], ...] = (
    Operation(label=_label("split"), is_on=lambda config: config.split, work=split),
    Operation(label=_label("focal_crop"), is_on=lambda config: config.focal_crop, work=focal_crop),
    Operation(label=_label("auto_size"), is_on=lambda config: config.auto_size, work=auto_size),
    Operation(
        label=_label("keep_original_size"),
        is_on=lambda config: config.keep_original_size,
        work=keep_original_size,
    ),
)
_ELSE = Operation(
    label="Resize and crop the middle",
    is_on=lambda config: not (config.focal_crop or config.keep_original_size),
    work=middle,
)
_COPIES: tuple[Operation[_Copying], ...] = (
    Operation(label=_label("flip"), is_on=lambda config: config.flip != "none", work=flipped),
    Operation(
        label=_label("grayscale_copies"), is_on=lambda config: config.colors.grayscale_copies, work=grayscale
    ),
)

OPERATIONS: tuple[Operation[Any], ...] = (*_BEFORE, *_CUTS, _ELSE, *_COPIES)
"""All operations in their order, which no setting changes."""


def operations_on(config: PreprocessConfig) -> tuple[str, ...]:
    """The labels of the operations that `config` asks for, in their order."""
    return tuple(operation.label for operation in OPERATIONS if operation.is_on(config))


def derive(
    image: Image.Image,
    config: PreprocessConfig,
    size: tuple[int, int],
    *,
    mask: Image.Image | None = None,
    whole: tuple[int, int] | None = None,
) -> Derived:
    """The training pictures of `image`, RGB or RGBA, for a target `size` of (width, height) pixels.

    `mask` is "L" and is laid over the whole picture, whatever its own size. `whole` is the picture's own size
    where `image` is a half, a quarter or an eighth of it, as a JPEG's decoder makes them. The ways to cut are
    independent, as in the web UI: a split picture is also cropped around its focal point when both are asked
    for. Where none is, or none suits the picture, the middle is cropped. Copies follow each picture.
    """
    derived = Derived()
    whole = whole or image.size
    filled = _filled(image.size, whole)
    for cut in _cuts(CutWork(image=image, whole=whole, config=config, size=size, derived=derived)):
        part = DerivedPicture(
            image=cut.of(image, filled=filled),
            mask=None if mask is None else cut.of(mask, Image.Resampling.BILINEAR),
            original=len(derived.pictures),
        )
        derived.pictures += _with_copies(part, config)
    return derived


def _filled(size: tuple[int, int], whole: tuple[int, int]) -> tuple[float, float]:
    """How much of a smaller version is picture: a decoder rounds its width and height up."""
    part = round(max(whole) / max(size))
    return whole[0] / part, whole[1] / part


def _cuts(work: CutWork) -> list[Cut]:
    cuts = [cut for operation in _CUTS if operation.is_on(work.config) for cut in operation.work(work)]
    if not cuts and work.derived.notes:  # of what could not be done as asked
        work.derived.note("Its middle was cropped to {}x{} instead.".format(*work.size))
    return cuts or middle(work)


def _with_copies(picture: DerivedPicture, config: PreprocessConfig) -> list[DerivedPicture]:
    """The picture, its mirrored copies, and a copy without colours of each."""
    made = [picture]
    for operation in _COPIES:
        made += [copy for one in made for copy in operation.work(one, config)]
    return made
