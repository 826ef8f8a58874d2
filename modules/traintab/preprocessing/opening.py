"""Which files of a folder are pictures, and opening one with a sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from .. import pictures
from ..errors import DatasetError
from ..files import kind_of

__all__ = ["list_candidates", "open_picture"]

# What lies beside pictures for a reason: captions, settings, notes, what systems leave behind.
_COMPANIONS = (".txt", ".caption", ".yaml", ".yml", ".json", ".csv", ".md", ".db", ".ini")


def list_candidates(folder: Path) -> list[Path]:
    """The files of `folder` that may be pictures, by name: all but captions, settings and hidden files.

    Subfolders are left alone. Raises DatasetError when there is no such folder or nothing in it.
    """
    if kind_of(folder) != "folder":
        raise DatasetError(
            f"The source directory {folder} is not a folder. Choose the one with your pictures."
        )
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise DatasetError(
            f"The source directory {folder} can't be listed ({error.strerror}); check its permissions."
        ) from error
    candidates = [path for path in files if path.suffix.lower() not in _COMPANIONS]
    if not candidates:
        raise DatasetError(
            f"The source directory {folder} holds no pictures. Put 5 to 50 .png, .jpg or .webp files into it;"
            " subfolders are not searched."
        )
    return candidates


def open_picture(path: Path) -> Image.Image:
    """The picture of `path` in RGB, by the rules of `pictures.open_picture`.

    Raises DatasetError with the reason when the file can't be read as a picture.
    """
    try:
        return pictures.open_picture(path)
    except UnidentifiedImageError as error:
        raise DatasetError(f"{path.name} is not a picture this program can read.") from error
    except Image.DecompressionBombError as error:
        raise DatasetError(f"{path.name} is larger than pictures should be: {error}") from error
    except pictures.UNREADABLE as error:
        raise DatasetError(f"{path.name} is broken: {error}") from error
