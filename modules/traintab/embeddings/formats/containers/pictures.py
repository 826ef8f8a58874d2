"""Pictures that carry an embedding: in a PNG's text chunk, or in the pixels of any file without loss.

The text chunk comes first, as in A1111. A picture is only decoded when its head or its first row leaves it
possible that pixels hide something; ordinary pictures beside embeddings cost next to nothing.
"""

from __future__ import annotations

import importlib
import io

from PIL import Image

from ....pictures import UNREADABLE
from ...card_pixels import decode_card_pixels
from ...card_text import FACTS_KEY, KEY, read_facts
from ..refusal import NoEmbeddingInPicture, Refusal
from ..stored import Contents
from .card_json import MAX_CARD_TEXT, decode_card_json, decode_card_text
from .picture_sizes import Size, avif_size, jxl_size, webp_size
from .png_chunks import first_row, png_size, png_text_value, without_extras

__all__ = ["read_avif", "read_jxl", "read_png", "read_webp"]

# A card of 75 SDXL vectors beside a picture of 4096 x 4096 pixels has 18 million.
_MAX_PIXELS = 24_000_000
_MAX_SIDE = 32_768
_MAX_FACTS = 10_000
_LOW = 0x0F


def read_png(data: bytes) -> Contents:
    """What the text chunk `sd-ti-embedding` holds, or else what the pixels do.

    Raises NoEmbeddingInPicture when neither holds anything, Refusal when it is broken.
    """
    try:
        text = png_text_value(data, KEY, MAX_CARD_TEXT)
        if text is not None:
            return Contents(tree=decode_card_text(text), metadata=_facts(data))
    except Refusal:
        # The pixels hold the same once more.
        if (contents := _from_png_pixels(data)) is not None:
            return contents
        raise
    return _found(_from_png_pixels(data))


def _facts(data: bytes) -> dict[str, str]:
    """What our cards for several text encoders tell besides; nothing when it is missing or broken."""
    try:
        return read_facts(png_text_value(data, FACTS_KEY, _MAX_FACTS) or b"")
    except Refusal:
        return {}


def read_webp(data: bytes) -> Contents:
    """What the pixels of a lossless WebP picture hold. Raises as `read_png`."""
    return _found(_from_pixels(data, "WEBP", webp_size(data)))


def read_avif(data: bytes) -> Contents:
    """What the pixels of a lossless AVIF picture hold. Raises as `read_png`."""
    return _found(_from_pixels(data, "AVIF", avif_size(data)))


def read_jxl(data: bytes) -> Contents:
    """What the pixels of a JPEG XL picture hold, which takes pillow-jxl-plugin. Raises as `read_png`."""
    try:
        importlib.import_module("pillow_jxl")
    except ImportError as error:
        raise Refusal(
            "a JPEG XL picture",
            "the Python package pillow-jxl-plugin, which opens it",
            "Install it, or use PNG.",
        ) from error
    return _found(_from_pixels(data, "JXL", jxl_size(data)))


def _found(contents: Contents | None) -> Contents:
    if contents is not None:
        return contents
    raise NoEmbeddingInPicture(
        "an ordinary picture",
        f"a picture with an embedding in the text chunk {KEY} or in its pixels",
        "Use the picture as it was saved; programs and sites that re-encode pictures drop the embedding.",
    )


def _from_png_pixels(data: bytes) -> Contents | None:
    size = png_size(data)
    if not _is_sensible(size) or ((row := first_row(data)) is not None and not _may_be_card(row)):
        return None
    return _from_pixels(without_extras(data), "PNG", size)


def _may_be_card(row: list[tuple[int, int, int]]) -> bool:
    """Whether a first row has black separators as far from the left as from the right, or is in black."""
    if not any(red and green and blue for red, green, blue in row) or not any(row[0]) or not any(row[-1]):
        return True
    is_black = [not (red | green | blue) & _LOW for red, green, blue in row]
    half = len(row) // 2
    return any(left and right for left, right in zip(is_black[:half], reversed(is_black), strict=False))


def _from_pixels(data: bytes, kind: str, size: Size | None) -> Contents | None:
    """What the pixels hold; None for a picture that holds nothing, is huge, or can't be decoded."""
    if size is None or not _is_sensible(size):
        return None
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            hidden = decode_card_pixels(image)
    except UNREADABLE:
        return None
    return None if hidden is None else Contents(tree=decode_card_json(hidden))


def _is_sensible(size: Size) -> bool:
    return 0 < size[0] * size[1] <= _MAX_PIXELS and max(size) <= _MAX_SIDE
