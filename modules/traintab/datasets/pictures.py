"""Opening a picture as people see it, and fitting it to the training size."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

__all__ = ["PICTURE_SUFFIXES", "UNREADABLE", "fit_picture", "open_picture", "pixels"]

PICTURE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".jxl")
)

UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    IndexError,
    KeyError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders are known to raise on broken files."""


def open_picture(path: Path) -> Image.Image:
    """The first frame of a file in RGB, turned upright by its EXIF orientation, transparency over white.

    Raises one of `UNREADABLE` when it can't be decoded to the last pixel.
    """
    with Image.open(path) as opened:
        opened.load()
        upright = ImageOps.exif_transpose(opened)
    if upright.mode.startswith("I"):
        upright = Image.fromarray(_eight_bits(upright))
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        upright = Image.alpha_composite(paper, seen)
    return upright.convert("RGB")


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


def _eight_bits(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Pillow cuts 16-bit greys off at 255; scale them instead."""
    values = np.asarray(image, dtype=np.float64)
    divisor = 256.0 if values.max(initial=0) > 255 else 1.0
    return np.clip(values / divisor, 0, 255).astype(np.uint8)
