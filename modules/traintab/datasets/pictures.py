"""Fitting a picture to the training size, and to what the VAE takes."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageOps

__all__ = ["PICTURE_SUFFIXES", "fit_picture", "pixels"]

PICTURE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".jxl")
)


def fit_picture(image: Image.Image, width: int, height: int) -> Image.Image:
    """Scale (bicubic) until `width` × `height` is covered, and cut the overhang off both sides alike.

    The web UI stretches instead, which teaches an embedding squeezed faces; a picture that has the
    right shape comes out the same either way.
    """
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)


def pixels(image: Image.Image) -> torch.Tensor:
    """The picture as the VAE wants it: float32 `[3, height, width]` from -1 to 1."""
    array = np.asarray(image, dtype=np.float32)
    return torch.from_numpy(array / 127.5 - 1.0).permute(2, 0, 1).contiguous()
