"""Which pictures a run works on, in which order, and what each is called in the destination."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..datasets.mask_files import is_mask, is_mask_folder
from ..errors import DatasetError
from ..files import kind_of
from .candidates import list_candidates
from .record import RECORD_NAME

__all__ = ["Sources", "find_sources"]

_BETWEEN_FOLDERS = "-"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The pictures of a folder, sorted: first its own, then each subfolder's.

    `notes` are sentences about subfolders that can't be looked into.
    """

    root: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()

    def name_of(self, file: Path) -> str:
        """The file's place in the folder, with `/` between folders on every system."""
        return file.relative_to(self.root).as_posix()

    def stem_of(self, file: Path) -> str:
        """What its training pictures are called: the folders' names and its own, without the suffix."""
        return _BETWEEN_FOLDERS.join((*file.relative_to(self.root).parts[:-1], file.stem))


def find_sources(root: Path, destination: Path, *, subfolders: bool) -> Sources:
    """The pictures of `root`, with `subfolders` those below too; masks of pictures go with these.

    The destination is not searched, nor those of earlier runs, hidden folders and links to folders. Raises
    DatasetError when `root` is no folder, or nothing in it may be a picture.
    """
    if subfolders and kind_of(root) == "folder":
        found, notes = _files_below(root, destination)
    else:
        found, notes = list_candidates(root), []
    files = [file for file in found if not is_mask(file)]
    if not files:
        below = " and its subfolders" if subfolders else ""
        raise DatasetError(
            f"The source directory {root}{below} holds no pictures. Put 5 to 50 .png, .jpg or .webp files"
            " into it."
        )
    return Sources(root=root, files=tuple(files), notes=tuple(notes))


def _files_below(root: Path, destination: Path) -> tuple[list[Path], list[str]]:
    kept_out = destination.resolve()
    files: list[Path] = []
    notes: list[str] = []

    def note(error: OSError) -> None:
        notes.append(f"The subfolder {error.filename} can't be listed ({error.strerror}); it was left out.")

    for place, names, own in os.walk(root, onerror=note):
        folder = Path(place)
        if folder != root and RECORD_NAME in own:
            names.clear()
            notes.append(
                f"The subfolder {folder} holds training pictures of an earlier run; it was left out. Choose"
                " it as the source to work on them."
            )
            continue
        names[:] = sorted(name for name in names if _is_searched(folder / name, kept_out))
        if own:
            files += _candidates(folder)
    return files, notes


def _is_searched(folder: Path, kept_out: Path) -> bool:
    return (
        not folder.name.startswith(".")
        and not folder.is_symlink()
        and not is_mask_folder(folder)
        and folder.resolve() != kept_out
    )


def _candidates(folder: Path) -> list[Path]:
    try:
        return list_candidates(folder)
    except DatasetError:  # captions alone
        return []
