"""Files written by torch.save, by their first bytes: the legacy layout or the zip layout."""

from __future__ import annotations

from ..refusal import Refusal
from ..stored import Contents
from .torch_legacy import read_torch_legacy
from .torch_zip import read_torch_zip

__all__ = ["read_pickled"]

_ZIP_MAGIC = b"PK\x03\x04"
_PICKLE_MAGIC = b"\x80"


def read_pickled(data: bytes) -> Contents:
    """The contents of a `.pt` or `.bin` file; Refusal for anything torch.save didn't write."""
    if data.startswith(_ZIP_MAGIC):
        return read_torch_zip(data)
    if data.startswith(_PICKLE_MAGIC):
        return read_torch_legacy(data)
    raise Refusal("bytes that torch.save never writes", "a file written by torch.save")
