"""Which files are masks of pictures, and no pictures themselves."""

from __future__ import annotations

from pathlib import Path

from ..files import kind_of

__all__ = ["MASK_FOLDER", "find_mask", "is_mask", "is_mask_folder"]

MASK_FOLDER = "mask"
_ENDING = "-masklabel"
# Capital ones as some programs write them, and other systems than Linux take for the same.
_SUFFIXES = (".png", ".webp", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg", ".PNG", ".JPG")


def find_mask(picture: Path) -> Path | None:
    """The mask of a picture: `NAME-masklabel.png` beside it, or a file of its name in the folder `mask`."""
    below = picture.parent / MASK_FOLDER
    candidates = [picture.with_name(f"{picture.stem}{_ENDING}{suffix}") for suffix in _SUFFIXES]
    candidates += [below / f"{picture.stem}{suffix}" for suffix in _SUFFIXES]
    return next((path for path in candidates if kind_of(path) == "file"), None)


def is_mask(path: Path) -> bool:
    """Whether a file is called as masks beside pictures are."""
    return path.stem.endswith(_ENDING)


def is_mask_folder(folder: Path) -> bool:
    """Whether a folder holds masks of the pictures above: it is called so, and has files of their names."""
    if folder.name != MASK_FOLDER:
        return False
    try:
        above = {path.stem for path in folder.parent.iterdir() if path.is_file()}
        return any(path.stem in above for path in folder.iterdir())
    except OSError:
        return False  # whoever looks into it tells why that can't be done
