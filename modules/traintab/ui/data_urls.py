"""Small pictures that stand in the page itself, for files that no browser may fetch."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["data_url", "jpeg_data_url"]

_QUALITY = 80


def jpeg_data_url(image: Image.Image, side: int, *, quality: int = _QUALITY) -> str:
    """The address that holds the picture as a JPEG, its longer side no more than `side` pixels.

    `image` stays as it is; a smaller one isn't enlarged.
    """
    small = image.convert("RGB")  # a copy, unless it is RGB already
    if max(small.size) > side:
        small = small.copy() if small is image else small
        small.thumbnail((side, side))
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=quality)
    return data_url(stream.getvalue())


def data_url(jpeg: bytes) -> str:
    """The address that holds a JPEG file."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
