"""An embedding in the pixels of a picture: A1111's blocks at both sides, which outlive all text chunks.

Layout: low halves of the bytes, a black column, the picture, a black column, high halves. Every block is as
high as the picture, has one byte in each colour channel, row by row, and only its lowest four bits count:
they survive every lossless program and no lossy one.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

__all__ = ["MAX_CARD_BYTES", "attach_card_pixels", "decode_card_pixels", "picture_inside"]

MAX_CARD_BYTES = 12 << 20
"""More than the JSON of 75 vectors of two text encoders takes."""

_MAX_PIXELS = 40_000_000
_CHANNELS = 3
_LOW, _HIGH = np.uint8(0x0F), np.uint8(0xF0)
_HALF = np.uint8(4)
# The dots that decorate the blocks lie in the upper halves, which carry nothing.
_DOT_SIZE, _DOT_PITCH, _DOT_START = 6, 8, -6
# The scrambling stream is a linear congruential generator with the constants of Numerical Recipes.
_MULTIPLIER, _INCREMENT = 1664525, 1013904223

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def attach_card_pixels(image: Image.Image, data: bytes, shades: Sequence[int]) -> Image.Image:
    """`image` in RGB between two blocks that carry `data`, compressed.

    `shades` are grey levels from 0 to 255, taken in turn by the dots on the blocks; decoration only. The
    picture's own black becomes the next darker grey: readers cut black off at all four sides.
    """
    picture = image.convert("RGB").point(lambda value: max(value, 1))
    packed = _padded(np.frombuffer(zlib.compress(data, 9), np.uint8), picture.height)
    low = _block(packed & _LOW, shades)
    high = _block(packed >> _HALF, shades[::-1])
    card = Image.new("RGB", (picture.width + 2 * low.width + 2, picture.height))
    card.paste(low, (0, 0))
    card.paste(picture, (low.width + 1, 0))
    card.paste(high, (low.width + picture.width + 2, 0))
    return card


def decode_card_pixels(image: Image.Image) -> bytes | None:
    """The bytes that A1111 or `attach_card_pixels` hid in `image`: UTF-8 JSON, unpacked but not parsed.

    None for an ordinary picture, which one with damaged blocks can't be told from, for one of more than 40
    million pixels, and for blocks that unpack to more than `MAX_CARD_BYTES`. Raises what Pillow raises for a
    picture that can't be decoded (`pictures.UNREADABLE`); size and mode are looked at before it is.
    """
    card = _card(image)
    return None if card is None else card.data()


def picture_inside(image: Image.Image) -> Image.Image:
    """What a card shows between its blocks; `image` itself when it holds nothing. Raises as decoding does."""
    card = _card(image)
    if card is None or card.data() is None:
        return image
    return image.convert("RGB").crop(card.picture)


@dataclass(frozen=True)
class _Card:
    """The two blocks' low halves `[height, width, channel]`, and the box of the picture between them."""

    low: Pixels
    high: Pixels
    picture: tuple[int, int, int, int]

    def data(self) -> bytes | None:
        """What the blocks hold, None when that is nothing or too much."""
        return _unpacked((_scrambled(self.high) << _HALF | _scrambled(self.low)).tobytes())


def _card(image: Image.Image) -> _Card | None:
    """`image` cut at its first and its last black column, None when it can't be a card."""
    if image.width * image.height > _MAX_PIXELS:
        return None
    pixels = np.asarray(image.convert("RGB"))
    left, top, right, bottom = _lit(pixels)
    halves = pixels[top:bottom, left:right] & _LOW
    black = np.flatnonzero(~np.any(halves, axis=(0, 2)))
    if len(black) < 2:
        return None
    first, last = int(black[0]), int(black[-1])
    low, high = halves[:, :first], halves[:, last + 1 :]
    if low.shape != high.shape or low.size == 0:
        return None
    return _Card(low, high, (left + first + 1, top, left + last, bottom))


def _padded(packed: Pixels, height: int) -> Pixels:
    """`packed` as `[height, width, channel]`, filled up with its own beginning.

    The length is raised to the next multiple of the height, then of the height times three, each time by a
    whole unit where it is one already.
    """
    size = packed.size
    for unit in (height, height * _CHANNELS):
        size += unit - size % unit
    return np.resize(packed, size).reshape(height, -1, _CHANNELS)


def _block(halves: Pixels, shades: Sequence[int]) -> Image.Image:
    """The picture of four bits for each channel, scrambled, with dots in the upper four."""
    image = Image.new("RGB", (halves.shape[1], halves.shape[0]))
    draw = ImageDraw.Draw(image)
    drawn = 0
    for x in range(_DOT_START, image.width, _DOT_PITCH):
        for row, y in enumerate(range(_DOT_START, image.height, _DOT_PITCH)):
            left = x + (_DOT_PITCH // 2 if row % 2 == 0 else 0)
            shade = shades[drawn % len(shades)] if shades else 0
            draw.ellipse((left, y, left + _DOT_SIZE, y + _DOT_SIZE), fill=(shade,) * _CHANNELS)
            drawn += 1
    return Image.fromarray(np.asarray(image) & _HIGH | _scrambled(halves))


def _scrambled(halves: Pixels) -> Pixels:
    """`halves` xor the generator's stream; the same again gives them back."""
    return halves ^ _stream(halves.size).reshape(halves.shape)


def _stream(count: int) -> Pixels:
    """The low four bits of the first `count` outputs, state modulo 255; doubled up instead of one by one."""
    states = np.full(1, _INCREMENT, np.uint32)
    multiplier, increment = _MULTIPLIER, _INCREMENT
    while states.size < count:
        states = np.concatenate((states, states * np.uint32(multiplier) + np.uint32(increment)))
        increment = (multiplier * increment + increment) % (1 << 32)
        multiplier = multiplier * multiplier % (1 << 32)
    return (states[:count] % 255).astype(np.uint8) & _LOW


def _lit(pixels: Pixels) -> tuple[int, int, int, int]:
    """The box without the outer rows and columns in which no pixel has light in all three channels."""
    lit = np.all(pixels, axis=2)
    rows, columns = np.flatnonzero(np.any(lit, axis=1)), np.flatnonzero(np.any(lit, axis=0))
    if not rows.size:
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _unpacked(packed: bytes) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, MAX_CARD_BYTES + 1)
    except zlib.error:
        return None
    return data if unpacker.eof and len(data) <= MAX_CARD_BYTES else None
