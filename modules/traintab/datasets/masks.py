"""Masks as loss weights: where a picture is to be learned, cell by cell of its latents."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from PIL import Image

from ..errors import DatasetError
from ..pictures import UNREADABLE, open_picture, open_with_alpha
from .ahead import done_ahead
from .latents import LatentSettings
from .pictures import shown_box
from .report import DatasetImage

__all__ = ["LossMasks", "read_masks"]

Size = tuple[int, int]

_THREADS = 4


@dataclass(frozen=True, kw_only=True)
class LossMasks:
    """How much each cell of the pictures' latents counts.

    `weights` has for each picture uint8 `[views, h, w]`, of which 255 is 1. `floor` is what cells outside the
    mask weigh. `empty` are the files whose mask leaves nothing of what is shown, `whole` those that have
    none or one that covers all that is shown: both count as a whole.
    """

    weights: tuple[torch.Tensor, ...]
    floor: float = 0.0
    empty: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()

    def pixels(self, pictures: Sequence[int], views: Sequence[int]) -> torch.Tensor:
        """The weights of some views, float32 `[b, 1, h, w]` from `floor` to 1, on the CPU."""
        drawn = torch.stack([self.weights[p][v] for p, v in zip(pictures, views, strict=True)])
        return (drawn.float() / 255).clamp(min=self.floor).unsqueeze(1)

    def counts(self, pictures: Sequence[int], views: Sequence[int]) -> torch.Tensor | None:
        """How much each of some views counts, float32 `[b]`: as little as what is outside the mask, where a
        crop shows nothing else. None when all count fully.
        """
        is_outside = [
            not bool(self.weights[p][v].any()) and bool(self.weights[p].any())
            for p, v in zip(pictures, views, strict=True)
        ]
        if not any(is_outside):
            return None
        return torch.tensor([self.floor if outside else 1.0 for outside in is_outside])


def read_masks(
    images: Sequence[DatasetImage],
    sizes: Sequence[tuple[int, int]],
    settings: LatentSettings,
    *,
    cell: int,
    source: str,
    floor: float,
) -> Generator[int, None, LossMasks]:
    """The masks of pictures that are shown at `sizes`, width and height, by the rules of `settings`; yields
    how many were read so far.

    A latent cell is `cell` pixels wide and high. `source` is *alpha*, what isn't transparent, or *files*:
    what is light in each picture's `mask_path`. They are cut and mirrored as the pictures are; a cell is as
    much in the mask as its area is. Raises DatasetError when a file can't be read.
    """
    cells = [(width // cell, height // cell) for width, height in sizes]
    read = done_ahead(
        partial(_views_of, settings=settings, source=source),
        zip(images, sizes, cells, strict=True),
        threads=_THREADS,
        at_most=2 * _THREADS,
    )
    weights: list[torch.Tensor] = []
    with closing(read):
        for views in read:
            weights.append(views)
            yield len(weights)
    named = [(image.path.name, views) for image, views in zip(images, weights, strict=True)]
    return LossMasks(
        weights=tuple(weights),
        floor=floor,
        empty=tuple(dict.fromkeys(name for name, views in named if not bool(views.any()))),
        whole=tuple(dict.fromkeys(name for name, views in named if bool((views == 255).all()))),
    )


def _views_of(
    shown: tuple[DatasetImage, Size, Size], *, settings: LatentSettings, source: str
) -> torch.Tensor:
    """The mask of a picture at its size and with its cells, as each view shows it: uint8 `[views, h, w]`."""
    image, size, cells = shown
    mask, rules = _mask_of(image, source), settings.rules
    sides = []
    for number in range(rules.variants):
        box = shown_box(mask.size, size, rules.resize_mode, rules.variant(image.content_hash, number).part)
        view = torch.from_numpy(np.array(mask.resize(cells, Image.Resampling.BOX, box=box)))
        sides += [view.flip(-1) if is_mirrored else view for is_mirrored in settings.sides]
    return torch.stack(sides)


def _mask_of(image: DatasetImage, source: str) -> Image.Image:
    """The mask at the picture's own size, `L`, white is what counts; all white when there is none."""
    path = image.path if source == "alpha" else image.mask_path
    if path is None:
        return Image.new("L", (image.width, image.height), 255)
    try:
        if source == "alpha":
            return open_with_alpha(path)[1]
        mask = open_picture(path, "black").convert("L")
    except UNREADABLE as error:
        raise DatasetError(
            f"The mask {path} of {image.path.name} was there a moment ago and can't be read any more"
            f" ({error}); bring it back, or start again without it."
        ) from error
    size = (image.width, image.height)
    return mask if mask.size == size else mask.resize(size, Image.Resampling.BILINEAR)
