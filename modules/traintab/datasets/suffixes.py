"""Which files are pictures by their names; apart from `pictures`, which waits for torch."""

from __future__ import annotations

__all__ = ["PICTURE_SUFFIXES"]

PICTURE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".jxl")
)
