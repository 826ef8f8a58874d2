"""Opening a picture file as people see the picture."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

__all__ = ["UNREADABLE", "open_picture"]

# A closed list: Pillow would hand an .eps file, whatever its name, to an installed PostScript interpreter.
_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "AVIF", "JXL")

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


def open_picture(file: Path | BinaryIO) -> Image.Image:
    """The first frame of a file in RGB, turned upright by its EXIF orientation, transparency over white.

    Raises one of `UNREADABLE` when it can't be decoded to the last pixel.
    """
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    with Image.open(file, formats=formats) as opened:
        opened.load()
        upright = ImageOps.exif_transpose(opened)
    if upright.mode.startswith("I"):
        upright = Image.fromarray(_eight_bits(upright))
    if _is_transparent(upright):
        seen = upright.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        upright = Image.alpha_composite(paper, seen)
    return upright.convert("RGB")


def _is_transparent(image: Image.Image) -> bool:
    """`has_transparency_data` of Pillow 10.1; some web UIs bring 9.5."""
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info


def _eight_bits(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Pillow cuts 16-bit greys off at 255; scale them instead."""
    values = np.asarray(image, dtype=np.float64)
    divisor = 256.0 if values.max(initial=0) > 255 else 1.0
    return np.clip(values / divisor, 0, 255).astype(np.uint8)
