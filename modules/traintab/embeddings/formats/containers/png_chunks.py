"""PNG files as chunks: the text of one keyword, the size, the first row. No picture is decoded here.

Format: the PNG specification (third edition), sections 5, 9 and 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from ..refusal import Refusal

__all__ = ["PNG_SIGNATURE", "first_row", "png_size", "png_text_value", "without_extras"]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNKS = 20_000
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_BYTES_A_PIXEL = {2: 3, 6: 4}  # by color type: RGB, RGB with transparency
_FILTERS = range(5)


def png_text_value(data: bytes, keyword: str, limit: int) -> bytes | None:
    """The value of the first text chunk of this keyword, unpacked to at most `limit` bytes; None without one.

    Only text chunks are checked by their checksums. Raises Refusal for a broken one.
    """
    for kind, body, checksum in _chunks(data):
        if kind not in _TEXTS:
            continue
        if checksum is None:
            raise Refusal("a picture that is cut off", "a whole picture")
        if bytes(body[: len(keyword) + 1]) != keyword.encode() + b"\0":
            continue
        if zlib.crc32(body, zlib.crc32(kind)) != checksum:
            raise _damaged()
        return _value(kind, bytes(body[len(keyword) + 1 :]), limit)
    return None


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels; zeros for a file that doesn't begin as a PNG."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        return 0, 0
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def without_extras(data: bytes) -> bytes:
    """The same picture with nothing beside it: texts, profiles and animations are gone, unread."""
    parts = [PNG_SIGNATURE]
    for kind, body, checksum in _chunks(data):
        if kind in _NEEDED and checksum is not None:
            parts += [struct.pack(">I4s", len(body), kind), bytes(body), struct.pack(">I", checksum)]
    return b"".join(parts)


def first_row(data: bytes) -> list[tuple[int, int, int]] | None:
    """The uppermost row's pixels in RGB; None for a picture that isn't of 8 bits RGB, row after row."""
    width, _ = png_size(data)
    depth, color, _, _, interlaced = data[24:29] if width else bytes(5)
    size = _BYTES_A_PIXEL.get(color, 0)
    if depth != 8 or interlaced or not size:
        return None
    unpacker = zlib.decompressobj()
    row = b""
    try:
        for kind, body, _ in _chunks(data):
            if kind == b"IDAT" and len(row) <= width * size:
                row += unpacker.decompress(body, width * size + 1 - len(row))
    except zlib.error:
        return None
    if len(row) <= width * size or row[0] not in _FILTERS:
        return None
    channels = [_unfiltered(row[0], row[1 + channel :: size]) for channel in range(3)]
    return list(zip(*channels, strict=True))


def _unfiltered(row_filter: int, values: bytes) -> list[int]:
    """One channel of a first row: above it all is zero, so that Up is None and Paeth is Sub."""
    if row_filter in (0, 2):
        return list(values)
    halving = 1 if row_filter == 3 else 0
    left, found = 0, []
    for value in values:
        left = (value + (left >> halving)) & 0xFF
        found.append(left)
    return found


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, int | None]]:
    """Type, body and checksum of the chunks as far as the file goes; a cut-off one has no checksum."""
    view = memoryview(data)
    position = len(PNG_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if position + 12 > len(data):
            return
        size, kind = struct.unpack(">I4s", view[position : position + 8])
        end = position + 12 + size
        checksum = struct.unpack(">I", view[end - 4 : end])[0] if end <= len(data) else None
        yield kind, view[position + 8 : end - 4], checksum
        if kind == b"IEND":
            return
        position = end
    raise Refusal(f"a picture of more than {_MAX_CHUNKS} chunks", "a picture as programs save it")


def _value(kind: bytes, rest: bytes, limit: int) -> bytes:
    """The value of a text chunk after its keyword and the zero byte."""
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflated(rest[1:], limit)
    is_packed, after_flags = rest[:1] == b"\1", rest[2:]
    value = after_flags.partition(b"\0")[2].partition(b"\0")[2]
    return _inflated(value, limit) if is_packed else value


def _inflated(packed: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise _damaged() from error
    if len(text) > limit:
        raise Refusal("a text chunk that unpacks to more than an embedding needs", f"at most {limit} bytes")
    return text


def _damaged() -> Refusal:
    return Refusal("a picture with a damaged text chunk", "a whole picture")
