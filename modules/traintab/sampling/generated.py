"""A picture that was drawn."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

__all__ = ["GeneratedImage"]


@dataclass(frozen=True, kw_only=True, eq=False)
class GeneratedImage:
    """A picture, the text that tells how to draw it again, and its seed."""

    image: Image.Image
    infotext: str
    seed: int
