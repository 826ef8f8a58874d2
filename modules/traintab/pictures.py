"""Opening a picture file as people see the picture."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

__all__ = ["UNREADABLE", "open_picture", "open_with_alpha"]

# A closed list: Pillow would hand an .eps file, whatever its name, to an installed PostScript interpreter.
_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "AVIF", "JXL")

UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,  # of AVIF files
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders are known to raise on broken files."""

_TIFF = (b"II*\0", b"MM\0*")
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_NUMBERS = {3: "H", 4: "L"}
# Of real numbers: pictures reach to 1, with a little or much beyond for what is brighter than white.
_MOST_BEYOND_WHITE = 16

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]


def open_picture(file: Path | BinaryIO, background: str = "white") -> Image.Image:
    """The first frame of a file in RGB, turned upright by its EXIF orientation, transparency over a colour.

    `background` is a colour as Pillow names them: `white`, `#rrggbb`. Raises one of `UNREADABLE` when the
    file can't be decoded to the last pixel.
    """
    return _over(_upright(file), background)


def open_with_alpha(file: Path | BinaryIO, background: str = "white") -> tuple[Image.Image, Image.Image]:
    """The picture as `open_picture` gives it, and how opaque it is: `L` of the same size, 255 is opaque."""
    upright = _upright(file)
    if not _is_transparent(upright):
        return _over(upright, background), Image.new("L", upright.size, 255)
    return _over(upright, background), _with_alpha(upright).getchannel("A")


def _upright(file: Path | BinaryIO) -> Image.Image:
    """The whole first frame, in 8 bits a channel."""
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    try:
        with Image.open(file, formats=formats) as opened:
            opened.load()
            upright = ImageOps.exif_transpose(opened)
    except UnidentifiedImageError:
        colors = _real_colors(file)
        if colors is None:
            raise
        return Image.fromarray(_eight_bits(colors, "F"))
    if upright.mode == "F" or upright.mode.startswith("I"):
        return Image.fromarray(_eight_bits(np.asarray(upright), upright.mode))
    return upright


def _real_colors(file: Path | BinaryIO) -> Numbers | None:
    """The colours of a TIFF that has them as real numbers, `[h, w, 3 or 4]`, which Pillow can't read."""
    if isinstance(file, Path):
        data = file.read_bytes()
    else:
        file.seek(0)
        data = file.read()
    if not data.startswith(_TIFF):
        return None
    _check_area(data)
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


def _check_area(tiff: bytes) -> None:
    """Raise DecompressionBombError for a TIFF that says it is larger than Pillow opens without a warning.

    Twelve bytes a pixel and more are needed for these, and a few kilobytes can ask for any number of them.
    """
    width, height = (_tag(tiff, number) for number in (_TIFF_WIDTH, _TIFF_HEIGHT))
    most = Image.MAX_IMAGE_PIXELS
    if most is not None and width * height > most:
        raise Image.DecompressionBombError(
            f"{width} x {height} pixels of real numbers are too many, {most:,} are possible"
        )


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


def _over(image: Image.Image, background: str) -> Image.Image:
    if _is_transparent(image):
        seen = _with_alpha(image)
        image = Image.alpha_composite(Image.new("RGBA", seen.size, background), seen)
    return _in_print_colors(image) if image.mode == "CMYK" else image.convert("RGB")


def _with_alpha(image: Image.Image) -> Image.Image:
    """As RGBA; Pillow converts La, LA with the colour multiplied by it, to LA alone."""
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def _is_transparent(image: Image.Image) -> bool:
    """`has_transparency_data` of Pillow 10.1; some web UIs bring 9.5."""
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info


def _in_print_colors(image: Image.Image) -> Image.Image:
    """CMYK by the profile in the file, which tells what its inks look like; without one as Pillow does."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image.convert("RGB")
    try:
        seen = ImageCms.profileToProfile(
            image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ImportError):  # a broken profile, one of RGB, no littlecms
        return image.convert("RGB")
    return image.convert("RGB") if seen is None else seen


def _eight_bits(numbers: Numbers, mode: str) -> Bytes:
    """Pillow cuts values off at 255; scale them instead, by the range that the file makes use of.

    16-bit whole numbers are taken by their high byte. Others, and real numbers, reach from 0 to 1, 255 or
    65535, whichever holds the largest; NaN is black. Real numbers that go little beyond 1 still reach to
    1, and what is beyond is white: sharpening leaves some, and photos of wide range have much.
    """
    values = np.nan_to_num(numbers.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = values.max(initial=0)
    if mode.startswith("I;16"):
        divisor = 256.0
    elif mode == "F" and top <= _MOST_BEYOND_WHITE:
        divisor = 1 / 255
    else:
        divisor = 1.0 if top <= 255 else max(256.0, top / 255)
    return np.clip(values / divisor, 0, 255).astype(np.uint8)
