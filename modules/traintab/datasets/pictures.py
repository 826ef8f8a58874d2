"""Fitting a picture to the training size, and to what the VAE takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps

from .suffixes import PICTURE_SUFFIXES
from .variants import Colors, Part, PictureRules, Variant

__all__ = ["PICTURE_SUFFIXES", "Box", "fit_picture", "pixels", "shown_box", "shown_picture"]

_HUES = 256


class Box(NamedTuple):
    """A part of a picture, in its pixels."""

    left: float
    top: float
    right: float
    bottom: float


def fit_picture(image: Image.Image, width: int, height: int) -> Image.Image:
    """Scale (bicubic) until `width` × `height` is covered, and cut the overhang off both sides alike.

    The web UI stretches instead, which teaches an embedding squeezed faces; a picture that has the
    right shape comes out the same either way.
    """
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)


def shown_picture(
    image: Image.Image, size: tuple[int, int], rules: PictureRules, variant: Variant
) -> Image.Image:
    """A variant of an RGB picture at width × height in pixels."""
    if rules.resize_mode not in ("stretch", "none") and variant.part == Part():
        fitted = fit_picture(image, *size)
    else:
        box = shown_box(image.size, size, rules.resize_mode, variant.part)
        fitted = image.resize(size, Image.Resampling.BICUBIC, box=box)
    fitted = _colored(fitted, variant.colors)
    return fitted.convert("L").convert("RGB") if variant.is_gray else fitted


def shown_box(picture: tuple[int, int], size: tuple[int, int], resize_mode: str, part: Part) -> Box:
    """Which part of a picture of this width and height is brought to `size`."""
    width, height = _reach(picture, size, resize_mode)
    width, height = width * part.share, height * part.share
    left, top = (picture[0] - width) * part.x, (picture[1] - height) * part.y
    if resize_mode == "none":  # whole pixels stay as they are
        left, top = int(left), int(top)
    return Box(left, top, min(left + width, picture[0]), min(top + height, picture[1]))


def _reach(picture: tuple[int, int], size: tuple[int, int], resize_mode: str) -> tuple[float, float]:
    """Width and height of the largest part that can be shown."""
    if resize_mode == "stretch":
        return picture
    scale = 1.0 if resize_mode == "none" else max(size[0] / picture[0], size[1] / picture[1])
    return size[0] / scale, size[1] / scale


def pixels(image: Image.Image) -> torch.Tensor:
    """The picture as the VAE wants it: float32 `[3, height, width]` from -1 to 1."""
    array = np.asarray(image, dtype=np.float32)
    return torch.from_numpy(array / 127.5 - 1.0).permute(2, 0, 1).contiguous()


def _colored(image: Image.Image, colors: Colors) -> Image.Image:
    if colors == Colors():
        return image
    image = ImageEnhance.Brightness(image).enhance(colors.brightness)
    image = ImageEnhance.Contrast(image).enhance(colors.contrast)
    image = ImageEnhance.Color(image).enhance(colors.saturation)
    hue, saturation, value = image.convert("HSV").split()
    shift = round(colors.hue * _HUES)
    turned = hue.point([(old + shift) % _HUES for old in range(_HUES)])
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")
