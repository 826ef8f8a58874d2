"""Opening a picture file as people see the picture."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .channels import eight_bits, in_rgb, is_transparent, over_color, with_alpha
from .foreign import decoded_without_pillow, teach_pillow

__all__ = ["UNREADABLE", "PictureFile", "open_picture", "open_with_alpha", "read_picture_file"]

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
    ArithmeticError,  # of AVIF files whose clock stands still
    RuntimeError,  # of AVIF files
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders are known to raise on broken files."""

_ORIENTATION = 0x0112
_TURNED_A_QUARTER = (5, 6, 7, 8)


@dataclass(frozen=True, kw_only=True)
class PictureFile:
    """What a picture file holds.

    `image` is its first frame, upright: RGBA where parts of it are transparent, else RGB. `kind` is Pillow's
    name of the format, whatever the suffix says; `size` the whole picture's width and height, which `image`
    has too unless less was asked for; `has_more` tells that further frames or pages follow; `color_profile`
    are the bytes of the ICC profile that `image` is still to be seen by, empty for none.
    """

    image: Image.Image
    kind: str
    size: tuple[int, int]
    has_more: bool = False
    color_profile: bytes = b""


def read_picture_file(file: Path | BinaryIO, *, least: tuple[int, int] | None = None) -> PictureFile:
    """A picture with its transparency, and what is worth knowing of its file.

    Of a JPEG a half, a quarter or an eighth may be decoded, which takes less time, as long as it is `least`
    (width, height) pixels or more. Raises one of `UNREADABLE`, and MissingDecoderError among them.
    """
    found = _upright(file, least)
    upright = found.image
    if is_transparent(upright):
        image = with_alpha(upright)
        image = image if image.getchannel("A").getextrema() != (255, 255) else image.convert("RGB")
    else:
        image = in_rgb(upright)
    # Inks are no longer inks, and greys have been spread over three channels.
    profile = upright.info.get("icc_profile") if upright.mode in ("RGB", "RGBA", "P", "PA") else None
    return PictureFile(
        image=image,
        kind=found.kind,
        size=found.size,
        has_more=found.has_more,
        color_profile=profile if isinstance(profile, bytes) else b"",
    )


def open_picture(file: Path | BinaryIO, background: str = "white") -> Image.Image:
    """The first frame of a file in RGB, turned upright by its EXIF orientation, transparency over a colour.

    `background` is a colour as Pillow names them: `white`, `#rrggbb`. Raises one of `UNREADABLE` when the
    file can't be decoded to the last pixel.
    """
    return _over(_upright(file).image, background)


def open_with_alpha(file: Path | BinaryIO, background: str = "white") -> tuple[Image.Image, Image.Image]:
    """The picture as `open_picture` gives it, and how opaque it is: `L` of the same size, 255 is opaque."""
    upright = _upright(file).image
    if not is_transparent(upright):
        return _over(upright, background), Image.new("L", upright.size, 255)
    return _over(upright, background), with_alpha(upright).getchannel("A")


def _upright(file: Path | BinaryIO, least: tuple[int, int] | None = None) -> PictureFile:
    """The whole first frame in 8 bits a channel, of whatever mode the file has."""
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    try:
        with Image.open(file, formats=formats) as opened:
            kind, whole = str(opened.format), opened.size
            is_turned = opened.getexif().get(_ORIENTATION) in _TURNED_A_QUARTER
            if least is not None:
                opened.draft(None, least[::-1] if is_turned else least)
            is_part = opened.size != whole
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            has_more = _has_more(opened)
    except UnidentifiedImageError:
        if teach_pillow(file):
            return _upright(file, least)
        seen = decoded_without_pillow(file)
        if seen is None:
            raise
        return PictureFile(image=seen[0], kind=seen[1], size=seen[0].size)
    if upright.mode == "F" or upright.mode.startswith("I"):
        upright = Image.fromarray(eight_bits(np.asarray(upright), upright.mode))
    # Pillow turns a TIFF itself, at once or while it loads: what it has become is what counts.
    size = upright.size if not is_part else whole[::-1] if is_turned else whole
    return PictureFile(image=upright, kind=kind, size=size, has_more=has_more)


def _has_more(opened: Image.Image) -> bool:
    """Whether frames or pages follow that a person would miss: not the previews in a phone's JPEG."""
    if opened.format == "MPO":
        return False
    try:
        return bool(getattr(opened, "is_animated", False))
    except UNREADABLE:  # what follows is torn, and isn't needed
        return False


def _over(image: Image.Image, background: str) -> Image.Image:
    return over_color(with_alpha(image), background) if is_transparent(image) else in_rgb(image)
