"""PNG pictures that carry an embedding in a text chunk: A1111's picture cards.

The picture itself is never decoded. Format: the PNG specification, chunks tEXt, zTXt and iTXt.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from ...card_text import KEY
from ..refusal import NoEmbeddingInPicture, Refusal
from ..stored import Contents
from .card_json import MAX_CARD_TEXT, decode_card_text

__all__ = ["PNG_SIGNATURE", "read_png_text"]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_png_text(data: bytes) -> Contents:
    """What the text chunk `sd-ti-embedding` holds.

    Raises NoEmbeddingInPicture when there is none, Refusal when it is broken.
    """
    for kind, body in _chunks(memoryview(data)):
        keyword, separator, rest = body.partition(b"\0")
        if separator and keyword == KEY.encode():
            return Contents(tree=decode_card_text(_text(kind, rest)))
    raise NoEmbeddingInPicture(
        "an ordinary picture",
        f"a picture with the text chunk {KEY}",
        "Use the picture as it was saved; programs and sites that re-encode pictures drop the embedding.",
    )


def _chunks(data: memoryview) -> Iterator[tuple[bytes, bytes]]:
    """Type and body of the text chunks, read as far as the file goes; only those are checked by checksum."""
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        end = position + 12 + size
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            if end > len(data):
                raise Refusal("a picture that is cut off", "a whole picture")
            body = bytes(data[position + 8 : end - 4])
            if zlib.crc32(kind + body) != struct.unpack(">I", data[end - 4 : end])[0]:
                raise Refusal("a picture with a damaged text chunk", "a whole picture")
            yield kind, body
        if kind == b"IEND":
            return
        position = end


def _text(kind: bytes, rest: bytes) -> bytes:
    """The value of a text chunk after its keyword and the zero byte."""
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflated(rest[1:])
    is_packed, after_flags = rest[:1] == b"\1", rest[2:]
    value = after_flags.partition(b"\0")[2].partition(b"\0")[2]
    return _inflated(value) if is_packed else value


def _inflated(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, MAX_CARD_TEXT + 1)
    except zlib.error as error:
        raise Refusal("a picture with a damaged text chunk", "a whole picture") from error
    if len(text) > MAX_CARD_TEXT:
        raise Refusal(
            "a text chunk that unpacks to more than an embedding needs", f"at most {MAX_CARD_TEXT} bytes"
        )
    return text
