"""What is shown of a picture: the whole of it, or one of several variants in part and colour."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import torch

from .seeds import seeded_generator

__all__ = ["Colors", "Part", "PictureRules", "Variant"]

# Of the circle of hues, for the strongest jitter: a red stays a kind of red.
_LARGEST_HUE_SHIFT = 0.1


class Part(NamedTuple):
    """What is cut out of that which could be shown: a `share` of width and height, and where from 0 to 1."""

    share: float = 1.0
    x: float = 0.5
    y: float = 0.5


class Colors(NamedTuple):
    """Factors of brightness, contrast and saturation, and a shift of the hue in parts of its circle."""

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0


class Variant(NamedTuple):
    """One way to show a picture; the default is the picture as it is."""

    part: Part = Part()
    colors: Colors = Colors()
    is_gray: bool = False


@dataclass(frozen=True, kw_only=True)
class PictureRules:
    """How pictures are brought to size and in how many variants.

    `resize_mode` is one of `configs.pictures.RESIZE_MODES`; buckets are cropped into. Each picture has
    `variants`, the first of them as it is; the last ones, a share of `grayscale_copies`, are grey.
    """

    resize_mode: str = "crop"
    background: str = "white"
    variants: int = 1
    random_crop: float = 0.0
    color_jitter: float = 0.0
    grayscale_copies: float = 0.0

    def variant(self, content_hash: str, number: int) -> Variant:
        """Variant `number` of a picture, which depends on nothing else: no run encodes it a second time."""
        is_gray = number >= self.variants - self._num_gray
        if number == 0:
            return Variant(is_gray=is_gray)
        generator = seeded_generator("variant", content_hash, number)
        share, x, y, *colors = torch.rand(7, generator=generator).tolist()
        part = Part(1 - self.random_crop * share, x, y) if self.random_crop else Part()
        return Variant(part, self._colors(colors) if self.color_jitter else Colors(), is_gray)

    def key(self, variant: Variant) -> str:
        """What tells the latents of a variant from others of the same picture and size; empty for what has
        been so always.
        """
        fit = "" if self.resize_mode in ("crop", "buckets") else self.resize_mode
        background = "" if self.background == "white" else self.background
        if (fit, background, variant) == ("", "", Variant()):
            return ""
        return hashlib.sha256(repr((fit, background, tuple(variant))).encode("utf-8")).hexdigest()[:16]

    @property
    def _num_gray(self) -> int:
        """At least one, if any are asked for, and never the first, unless all are."""
        if self.grayscale_copies in (0, 1):
            return self.variants if self.grayscale_copies else 0
        return min(max(1, round(self.grayscale_copies * self.variants)), self.variants - 1)

    def _colors(self, drawn: list[float]) -> Colors:
        brightness, contrast, saturation, hue = (self.color_jitter * (2 * each - 1) for each in drawn)
        return Colors(1 + brightness, 1 + contrast, 1 + saturation, _LARGEST_HUE_SHIFT * hue)
