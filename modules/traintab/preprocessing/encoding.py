"""A training picture as the bytes of a file."""

from __future__ import annotations

import io

from PIL import Image

from ..configs import FilesConfig
from .transparency import without_transparency

__all__ = ["encoded", "encoded_mask", "suffix_of"]

_SUFFIXES = {"png": ".png", "webp": ".webp", "jpeg": ".jpg"}
# Of 512 x 512 pixels of photos, at levels 6 (Pillow's own), 4 and 1: smooth ones take 95, 33 and 20 ms for
# 246, 243 and 286 kB, grainy ones 54, 53 and 25 ms for 426, 426 and 490 kB (Pillow 12.3 with zlib-ng).
_PNG_LEVEL = 1
# Below, half the colour resolution isn't what is seen first.
_FULL_COLOR_QUALITY = 90
_LOSSLESS = 100
_LOSSLESS_EFFORT = 75


def suffix_of(files: FilesConfig) -> str:
    """What the chosen format's file names end in."""
    return _SUFFIXES[files.output_format]


def encoded(image: Image.Image, files: FilesConfig, color: str) -> bytes:
    """An RGB or RGBA picture in the chosen format; JPEG, which knows no transparency, shows it over `color`.

    Raises OSError or ValueError where the format can't hold so large a picture.
    """
    if files.output_format == "png":
        return _saved(image, "PNG", compress_level=_PNG_LEVEL)
    if files.output_format == "webp":
        if files.quality == _LOSSLESS:
            return _saved(image, "WEBP", lossless=True, quality=_LOSSLESS_EFFORT, exact=True)
        return _saved(image, "WEBP", quality=files.quality)
    subsampling = "4:4:4" if files.quality >= _FULL_COLOR_QUALITY else "4:2:0"
    opaque = without_transparency(image, color)
    return _saved(opaque, "JPEG", quality=files.quality, subsampling=subsampling)


def encoded_mask(mask: Image.Image) -> bytes:
    """A mask, "L", as PNG whatever the pictures' format is: its edges are to stay sharp."""
    return _saved(mask, "PNG", compress_level=_PNG_LEVEL)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()
