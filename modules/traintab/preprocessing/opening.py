"""Opening a picture to work on, with a sentence for what is odd or wrong about its file."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from .. import pictures
from ..configs import ColorsConfig
from ..errors import DatasetError
from .screen_colors import in_screen_colors
from .tones import toned
from .transparency import with_transparency

__all__ = ["KNOWN_SUFFIXES", "OpenedPicture", "open_mask", "open_picture", "open_source"]

# The suffixes that are right for what Pillow, or a decoder beside it, calls a kind.
_SUFFIXES = {
    "AVIF": (".avif", ".avifs"),
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "HEIF": (".heic", ".heif", ".hif", ".heics", ".heifs"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "JXL": (".jxl",),
    "PNG": (".png", ".apng"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
KNOWN_SUFFIXES = frozenset(suffix for suffixes in _SUFFIXES.values() for suffix in suffixes)
"""What the files of pictures end with, in small letters."""
_AS_IT_IS = ColorsConfig()


@dataclass(frozen=True, kw_only=True)
class OpenedPicture:
    """A picture ready to be worked on: RGB, or RGBA where its transparency is kept.

    `size` is the file's whole width and height in pixels; `notes` are sentences worth reading.
    """

    image: Image.Image
    size: tuple[int, int]
    notes: tuple[str, ...] = ()


def open_picture(path: Path) -> Image.Image:
    """The picture of `path` in RGB over white; raises as `open_source`."""
    return open_source(path).image


def open_source(
    path: Path, colors: ColorsConfig = _AS_IT_IS, *, least: tuple[int, int] | None = None
) -> OpenedPicture:
    """The picture of `path`, upright, in the colours of screens, then as `colors` asks: first its tones, then
    its transparency kept or filled.

    Of a JPEG a half, a quarter or an eighth may be decoded, as long as it is `least` (width, height) pixels
    or more. Raises DatasetError with one sentence when the file can't be read as a picture.
    """
    found = _read(path, least)
    image = in_screen_colors(found.image, found.color_profile)
    image = with_transparency(toned(image, colors), colors)
    image.info = {}  # it isn't the file any more, and must not be saved with its profile
    return OpenedPicture(image=image, size=found.size, notes=tuple(_notes(path, found)))


def open_mask(path: Path) -> Image.Image:
    """The mask file of a picture, "L": white is what counts, transparent parts are black.

    Raises DatasetError with one sentence when it can't be read.
    """
    image = _read(path).image
    return (pictures.over_color(image, "black") if image.mode == "RGBA" else image).convert("L")


def _read(path: Path, least: tuple[int, int] | None = None) -> pictures.PictureFile:
    _refuse_what_is_no_file(path)
    try:
        return pictures.read_picture_file(path, least=least)
    except PermissionError as error:
        raise DatasetError(f"{path.name} may not be read; give yourself the permission to.") from error
    except pictures.MissingDecoderError as error:
        raise DatasetError(f"{path.name} was left out: {error}.") from error
    except UnidentifiedImageError as error:
        raise DatasetError(
            f"{path.name} is not a picture this program can read; save it as PNG, JPEG or WebP."
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        numbers, _, _ = _first_line(error).partition(", could be")  # an attack, as Pillow has it
        raise DatasetError(
            f"{path.name} is larger than pictures should be: {numbers}. Make it smaller first."
        ) from error
    except MemoryError as error:
        raise DatasetError(f"{path.name} needs more memory than there is; make it smaller.") from error
    except pictures.UNREADABLE as error:
        raise DatasetError(
            f"{path.name} is broken: {_first_line(error)}. Save it again, or take it from where it came."
        ) from error


def _refuse_what_is_no_file(path: Path) -> None:
    """Raise DatasetError for what would wait forever, or is not there."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if path.is_symlink():
            reason = f"is a link to {path.readlink()}, which can't be found; mend or delete it."
        else:
            reason = f"can't be found ({error.strerror})."
        raise DatasetError(f"{path.name} {reason}") from error
    except ValueError as error:
        raise DatasetError(f"{path.name!r} is no name of a file.") from error
    if not stat.S_ISREG(mode):
        raise DatasetError(f"{path.name} is not a file but a pipe or a device; take it out of the folder.")


def _first_line(error: BaseException) -> str:
    of_system = error.strerror if isinstance(error, OSError) else None  # without the whole path
    text = of_system or str(error) or type(error).__name__
    return text.splitlines()[0].rstrip(".")


def _notes(path: Path, found: pictures.PictureFile) -> list[str]:
    notes = []
    kind = "JPEG" if found.kind == "MPO" else found.kind
    if path.suffix.lower() not in _SUFFIXES.get(kind, (path.suffix.lower(),)):
        called = f"is called {path.suffix}" if path.suffix else "has no suffix"
        notes.append(f"It {called}, and holds a {kind} picture; it was read as that.")
    if found.has_more and kind == "TIFF":
        notes.append("It has several pages; the first one was taken.")
    elif found.has_more:
        notes.append("It is animated; its first frame was taken.")
    return notes
