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

    def with_infotext(self) -> Image.Image:
        """The picture, its infotext as `info["parameters"]`: as if it had been opened from its file."""
        told = self.image.copy()
        told.info["parameters"] = self.infotext
        return told
