"""Small text files written by people and their editors: templates and captions."""

from __future__ import annotations

import codecs
from pathlib import Path

__all__ = ["MAX_TEXT_BYTES", "read_text"]

MAX_TEXT_BYTES = 1 << 20


def read_text(path: Path) -> str:
    """The text of a UTF-8 file (with or without byte order mark) or a UTF-16 file (with one).

    Raises OSError when it can't be read, and ValueError with a phrase for the user when it is larger than
    `MAX_TEXT_BYTES` or in another encoding.
    """
    with path.open("rb") as stream:
        data = stream.read(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        raise ValueError(f"the file is larger than {MAX_TEXT_BYTES >> 20} MiB")
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not {error.encoding.upper()} text") from error
    if "\0" in text:
        raise ValueError(
            "the file holds zero bytes, so it isn't text (or is UTF-16 without a byte order mark)"
        )
    return text
