"""Pictures that Pillow alone may not read: AVIF, HEIF, JPEG XL, and TIFF of real numbers in colour."""

from __future__ import annotations

import importlib
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import PIL
from PIL import Image

from .channels import Numbers, eight_bits

__all__ = ["MissingDecoderError", "decoded_without_pillow", "teach_pillow"]

# What stands after the length of an ISO media file's first box: phones write these kinds of HEIF.
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
_JXL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")

_TIFF = (b"II*\0", b"MM\0*")
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_NUMBERS = {3: "H", 4: "L"}


class MissingDecoderError(OSError):
    """A picture is of a kind that needs a package which isn't installed; the text names it."""


def teach_pillow(file: Path | BinaryIO) -> bool:
    """Whether Pillow reads this file from now on, because a package was loaded that tells it how.

    Raises MissingDecoderError where the package, or Pillow, is too old or not there.
    """
    start = _bytes_of(file, 12)  # of what may be a film of gigabytes
    if _brand(start) in _AVIF_BRANDS and "AVIF" not in Image.OPEN:
        raise MissingDecoderError(
            f"AVIF pictures need Pillow 11.3 or newer, and {PIL.__version__} is installed; save it as PNG"
        )
    if not start.startswith(_JXL) or "JXL" in Image.OPEN:
        return False
    _package("pillow_jxl", "JPEG XL", "pillow-jxl-plugin")
    return "JXL" in Image.OPEN


def decoded_without_pillow(file: Path | BinaryIO) -> tuple[Image.Image, str] | None:
    """A HEIF picture, or a TIFF of real numbers, upright in RGB or RGBA, and its kind; None for any other.

    Raises MissingDecoderError, DecompressionBombError, or what the decoder does about a broken file.
    """
    start = _bytes_of(file, 12)
    if _brand(start) in _HEIF_BRANDS:
        return _heif(_bytes_of(file)), "HEIF"
    if start.startswith(_TIFF):
        colors = _real_colors(_bytes_of(file))
        return None if colors is None else (Image.fromarray(eight_bits(colors, "F")), "TIFF")
    return None


def _brand(start: bytes) -> bytes:
    """Which kind of ISO media file begins so, empty for what is none."""
    return start[8:] if start[4:8] == b"ftyp" else b""


def _bytes_of(file: Path | BinaryIO, most: int = -1) -> bytes:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return opened.read(most)
    file.seek(0)
    return file.read(most)


def _heif(data: bytes) -> Image.Image:
    """The picture of a HEIF file, which its decoder turns upright itself."""
    found = _package("pillow_heif", "HEIC", "pillow-heif").open_heif(data)
    _check_area(found.size)
    image: Image.Image = found.to_pillow()
    image.info = {key: value for key, value in found.info.items() if key == "icc_profile" and value}
    return image


def _package(module: str, pictures: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingDecoderError(
            f"{pictures} pictures need a package that is not installed: pip install {package}"
        ) from error


def _real_colors(data: bytes) -> Numbers | None:
    """The colours of a TIFF that has them as real numbers, `[h, w, 3 or 4]`, which Pillow can't read."""
    # Twelve bytes a pixel and more are needed for these, and a few kilobytes can ask for any number of them.
    _check_area((_tag(data, _TIFF_WIDTH), _tag(data, _TIFF_HEIGHT)))
    import cv2

    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if found is None or found.ndim != 3 or found.dtype.kind != "f" or found.shape[2] not in (3, 4):
        return None
    is_transparent = found.shape[2] == 4
    seen: Numbers = cv2.cvtColor(found, cv2.COLOR_BGRA2RGBA if is_transparent else cv2.COLOR_BGR2RGB)
    return seen


def _check_area(size: tuple[int, int]) -> None:
    """Raise DecompressionBombError for a picture that is larger than Pillow opens without a warning."""
    width, height = size
    most = Image.MAX_IMAGE_PIXELS
    if most is not None and width * height > most:
        raise Image.DecompressionBombError(f"{width} x {height} pixels are too many, {most:,} are possible")


def _tag(tiff: bytes, wanted: int) -> int:
    """The largest whole number that a TIFF's first directory has under a tag (TIFF 6.0, section 2)."""
    order = "<" if tiff.startswith(b"II") else ">"
    (directory,) = struct.unpack_from(f"{order}L", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    found = [0]
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
        if tag == wanted:
            if kind not in _TIFF_NUMBERS:
                raise ValueError("its width or height is no whole number")
            found += struct.unpack_from(f"{order}{_TIFF_NUMBERS[kind]}", tiff, entry + 8)
    return max(found)
