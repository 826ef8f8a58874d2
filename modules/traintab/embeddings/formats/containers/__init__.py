"""Containers: bytes of a file to plain values and StoredTensors.

Belongs here: one file for each way of packing, and the line in the table below. Nothing here knows what an
embedding is; everything here expects the file to be hostile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..refusal import Refusal
from ..stored import Contents
from .pickled import read_pickled
from .picture_sizes import JXL_STARTS
from .pictures import read_avif, read_jxl, read_png, read_webp
from .png_chunks import PNG_SIGNATURE
from .safetensors_file import read_safetensors

__all__ = ["CONTAINERS", "PICTURE_SUFFIXES", "read_container"]

PICTURE_SUFFIXES = (".png", ".webp", ".avif", ".jxl")

CONTAINERS: Mapping[str, Callable[[bytes], Contents]] = MappingProxyType(
    {
        ".pt": read_pickled,
        ".safetensors": read_safetensors,
        ".bin": read_pickled,
        ".png": read_png,
        ".webp": read_webp,
        ".avif": read_avif,
        ".jxl": read_jxl,
    }
)


def read_container(suffix: str, data: bytes) -> Contents:
    """The contents of a file with this suffix; a file of another kind is refused by its right name."""
    reader = CONTAINERS.get(suffix.lower())
    if reader is None:
        raise Refusal(
            f"a file of the kind {suffix!r}",
            f"one of {', '.join(CONTAINERS)}",
            "Convert it with the program it is from.",
        )
    kind, right_suffixes = _kind(data)
    if kind and suffix.lower() not in right_suffixes:
        remedy = f"Rename it to {right_suffixes[0]}." if right_suffixes else "Download the file itself."
        raise Refusal(kind, f"what the suffix {suffix} promises", remedy)
    return reader(data)


def _kind(data: bytes) -> tuple[str, tuple[str, ...]]:
    """What the first bytes say a file is, and the suffixes it should have; empty when they say nothing."""
    start = data[:64].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page", ()
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer", ()
    if data.startswith(b"PK\x03\x04"):
        return "a zip file", (".pt", ".bin")
    # First, since a header of 2815 bytes makes it begin as a JPEG XL picture does.
    if data[4:10] in (b'\0\0\0\0{"', b"\0\0\0\0{}"):
        return "a safetensors file", (".safetensors",)
    if picture := _picture_kind(data):
        return picture
    if data.startswith(b"\x80"):
        return "a pickle", (".pt", ".bin")
    if start:
        return "", ()
    return "a file of blanks", ()


def _picture_kind(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    if data.startswith(PNG_SIGNATURE):
        return "a PNG picture", (".png",)
    if data.startswith(b"\xff\xd8\xff"):
        return "a JPEG picture", ()
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "a WebP picture", (".webp",)
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "an AVIF picture", (".avif",)
    if data.startswith(JXL_STARTS):
        return "a JPEG XL picture", (".jxl",)
    return None
