"""The picture that shows an embedding: inside its card, or beside its file as web UIs keep it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ..pictures import UNREADABLE, open_picture
from .card_pixels import picture_inside
from .formats import PICTURE_SUFFIXES

__all__ = ["Preview", "find_preview"]

# In this order: A1111's own previews, then any picture of the same name.
_ENDINGS = tuple(
    f"{start}{suffix}" for start in (".preview", "") for suffix in (".png", ".webp", ".jpg", ".jpeg", ".avif")
)
_MAX_PIXELS = 40_000_000


@dataclass(frozen=True, eq=False)
class Preview:
    """A picture in RGB, and whether an embedding's name and facts are drawn on it already."""

    image: Image.Image
    is_captioned: bool


def find_preview(path: Path) -> Preview | None:
    """The preview of the embedding in the file `path`, None when there is none that can be opened.

    A picture card shows what lies between its blocks. Other files are shown by `<stem>.preview.png` (or
    another kind of picture) beside them, then by a picture `<stem>.png`. Pictures of more than 40 million
    pixels are passed over.
    """
    if path.suffix.lower() in PICTURE_SUFFIXES:
        card = _opened(path)
        return None if card is None else Preview(picture_inside(card), is_captioned=True)
    for ending in _ENDINGS:
        picture = _opened(path.with_name(path.stem + ending))
        if picture is not None:
            inside = picture_inside(picture)
            return Preview(inside, is_captioned=inside is not picture)
    return None


def _opened(path: Path) -> Image.Image | None:
    try:
        if not path.is_file():
            return None
        with Image.open(path) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                return None
        return open_picture(path)
    except UNREADABLE:
        return None
