"""Small text files written by people and their editors: templates and captions."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

__all__ = ["LATIN_1", "MAX_TEXT_BYTES", "TextFile", "read_text", "read_text_file", "text_of_bytes"]

MAX_TEXT_BYTES = 1 << 20
LATIN_1 = "Latin-1"

# What Windows' editors put between 0x80 and 0x9f: dots, quotation marks and dashes. Other bytes there are no
# text in any Western encoding, and common in Japanese and Chinese ones.
_TYPOGRAPHIC = frozenset(b"\x85\x91\x92\x93\x94\x96\x97")
_WHITE_SPACE = frozenset(b"\t\n\v\f\r\x1a")


class TextFile(NamedTuple):
    """A file's text, and the encoding it is in: UTF-8, UTF-16 or `LATIN_1`."""

    text: str
    encoding: str


def read_text(path: Path, *, most_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text of a file alone; raises as `read_text_file` does."""
    return read_text_file(path, most_bytes=most_bytes).text


def read_text_file(path: Path, *, most_bytes: int = MAX_TEXT_BYTES) -> TextFile:
    """A text file in UTF-8 (with or without byte order mark), UTF-16 (with one) or Latin-1.

    Latin-1, with Windows' quotation marks and dashes, is what is left when a file is no UTF-8; control
    characters then tell that it is no text at all, or one in another encoding. Raises OSError when it can't
    be read, and ValueError with a phrase for the user when it is larger than `most_bytes` or no such text.
    """
    with path.open("rb") as stream:
        data = stream.read(most_bytes + 1)
    return text_of_bytes(data, most_bytes=most_bytes)


def text_of_bytes(data: bytes, *, most_bytes: int = MAX_TEXT_BYTES) -> TextFile:
    """What `read_text_file` makes of a file's bytes; raises ValueError as that does."""
    if len(data) > most_bytes:
        raise ValueError(f"the file is larger than {most_bytes >> 20} MiB")
    read = _decoded(data)
    if "\0" in read.text:
        raise ValueError(
            "the file holds zero bytes, so it isn't text (or is UTF-16 without a byte order mark)"
        )
    return read


def _decoded(data: bytes) -> TextFile:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return TextFile(data.decode("utf-16"), "UTF-16")
        except UnicodeDecodeError as error:
            raise ValueError(f"byte {error.start} is not UTF-16 text") from error
    try:
        return TextFile(data.decode("utf-8-sig"), "UTF-8")
    except UnicodeDecodeError:
        return TextFile(_latin_1(data), LATIN_1)


def _latin_1(data: bytes) -> str:
    for place, byte in enumerate(data):
        is_control = byte < 0x20 or 0x7F <= byte < 0xA0
        if is_control and byte and byte not in _TYPOGRAPHIC and byte not in _WHITE_SPACE:
            raise ValueError(f"byte {place} (0x{byte:02x}) is neither UTF-8 nor Latin-1 text")
    return data.decode("cp1252")
