"""What one picture becomes: training pictures, pictures to look at, sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

__all__ = ["Derived", "DerivedPicture"]


@dataclass(frozen=True, kw_only=True)
class DerivedPicture:
    """One training picture.

    `image` is RGB, or RGBA where transparency is kept; `mask` is "L" of the same size: what the mask became
    under the same cuts. `mirrored` tells that left and right are exchanged. `original` is the index in
    `Derived.pictures` of the picture this one is a copy of and takes the caption from: its own for originals.
    """

    image: Image.Image
    mask: Image.Image | None = None
    mirrored: bool = False
    original: int = 0


@dataclass
class Derived:
    """The pictures made from one, in writing order; pictures to look at only; sentences worth reading."""

    pictures: list[DerivedPicture] = field(default_factory=list)
    debug_pictures: list[Image.Image] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Take in a sentence, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)
