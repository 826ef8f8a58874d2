"""Opening a picture file as people see the picture."""

from __future__ import annotations

import importlib
import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

__all__ = [
    "UNREADABLE",
    "MissingDecoderError",
    "PictureFile",
    "open_picture",
    "open_with_alpha",
    "over_color",
    "read_picture_file",
]

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

# What stands after the length of an ISO media file's first box: phones write these kinds of HEIF.
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
_JXL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_ORIENTATION = 0x0112
_TURNED_A_QUARTER = (5, 6, 7, 8)

_TIFF = (b"II*\0", b"MM\0*")
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_NUMBERS = {3: "H", 4: "L"}
# Of real numbers: pictures reach to 1, with a little or much beyond for what is brighter than white.
_MOST_BEYOND_WHITE = 16

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]


class MissingDecoderError(OSError):
    """A picture is of a kind that needs a package which isn't installed; the text names it."""


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
    if _is_transparent(upright):
        image = _with_alpha(upright)
        image = image if image.getchannel("A").getextrema() != (255, 255) else image.convert("RGB")
    else:
        image = _in_rgb(upright)
    # Inks are no longer inks, and greys have been spread over three channels.
    profile = upright.info.get("icc_profile") if upright.mode in ("RGB", "RGBA", "P", "PA") else None
    return PictureFile(
        image=image,
        kind=found.kind,
        size=found.size,
        has_more=found.has_more,
        color_profile=profile if isinstance(profile, bytes) else b"",
    )


def over_color(image: Image.Image, background: str) -> Image.Image:
    """An RGBA picture in RGB, as it is seen over a colour."""
    return Image.alpha_composite(Image.new("RGBA", image.size, background), image).convert("RGB")


def open_picture(file: Path | BinaryIO, background: str = "white") -> Image.Image:
    """The first frame of a file in RGB, turned upright by its EXIF orientation, transparency over a colour.

    `background` is a colour as Pillow names them: `white`, `#rrggbb`. Raises one of `UNREADABLE` when the
    file can't be decoded to the last pixel.
    """
    return _over(_upright(file).image, background)


def open_with_alpha(file: Path | BinaryIO, background: str = "white") -> tuple[Image.Image, Image.Image]:
    """The picture as `open_picture` gives it, and how opaque it is: `L` of the same size, 255 is opaque."""
    upright = _upright(file).image
    if not _is_transparent(upright):
        return _over(upright, background), Image.new("L", upright.size, 255)
    return _over(upright, background), _with_alpha(upright).getchannel("A")


def _upright(file: Path | BinaryIO, least: tuple[int, int] | None = None) -> PictureFile:
    """The whole first frame in 8 bits a channel, of whatever mode the file has."""
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    try:
        with Image.open(file, formats=formats) as opened:
            kind, size = str(opened.format), opened.size
            if opened.getexif().get(_ORIENTATION) in _TURNED_A_QUARTER:
                size = (size[1], size[0])
                least = least and (least[1], least[0])
            if least is not None:
                opened.draft(None, least)
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            has_more = _has_more(opened)
    except UnidentifiedImageError:
        seen = _seen_by_others(file)
        if seen is None:
            raise
        return seen
    if upright.mode == "F" or upright.mode.startswith("I"):
        upright = Image.fromarray(_eight_bits(np.asarray(upright), upright.mode))
    return PictureFile(image=upright, kind=kind, size=size, has_more=has_more)


def _has_more(opened: Image.Image) -> bool:
    """Whether frames or pages follow that a person would miss: not the previews in a phone's JPEG."""
    if opened.format == "MPO":
        return False
    try:
        return bool(getattr(opened, "is_animated", False))
    except UNREADABLE:  # what follows is torn, and isn't needed
        return False


def _seen_by_others(file: Path | BinaryIO) -> PictureFile | None:
    """What Pillow alone doesn't read: HEIF, JPEG XL, and TIFF with colours as real numbers."""
    start = _bytes_of(file, 12)  # of what may be a film of gigabytes
    brand = start[8:] if start[4:8] == b"ftyp" else b""
    if brand in _AVIF_BRANDS and "AVIF" not in Image.OPEN:
        raise MissingDecoderError(
            f"AVIF pictures need Pillow 11.3 or newer, and {PIL.__version__} is installed; save it as PNG"
        )
    if start.startswith(_JXL) and "JXL" not in Image.OPEN:
        _package("pillow_jxl", "JPEG XL", "pillow-jxl-plugin")  # Pillow reads them from now on
        return _upright(file)
    if brand in _HEIF_BRANDS:
        image, kind = _heif(_bytes_of(file)), "HEIF"
    elif start.startswith(_TIFF):
        colors = _real_colors(_bytes_of(file))
        if colors is None:
            return None
        image, kind = Image.fromarray(_eight_bits(colors, "F")), "TIFF"
    else:
        return None
    return PictureFile(image=image, kind=kind, size=image.size)


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


def _over(image: Image.Image, background: str) -> Image.Image:
    if _is_transparent(image):
        return over_color(_with_alpha(image), background)
    return _in_rgb(image)


def _with_alpha(image: Image.Image) -> Image.Image:
    """As RGBA; Pillow converts La, LA with the colour multiplied by it, to LA alone."""
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def _is_transparent(image: Image.Image) -> bool:
    """`has_transparency_data` of Pillow 10.1; some web UIs bring 9.5."""
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info


def _in_rgb(image: Image.Image) -> Image.Image:
    """An opaque picture in RGB: CMYK by the profile in the file, which tells what its inks look like."""
    profile: Any = io.BytesIO(image.info.get("icc_profile") or b"")
    if image.mode == "LAB":  # by definition, which Pillow's own conversion doesn't know
        profile = ImageCms.createProfile("LAB")
    elif image.mode != "CMYK" or not image.info.get("icc_profile"):
        return image.convert("RGB")
    try:
        seen = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
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
