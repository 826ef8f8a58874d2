"""Which files of a folder may be pictures."""

from __future__ import annotations

from pathlib import Path

from ..errors import DatasetError
from ..files import kind_of

__all__ = ["list_candidates"]

# What lies beside pictures for a reason: captions, settings, notes, caches, what systems leave behind.
_COMPANIONS = (
    ".caption",
    ".csv",
    ".db",
    ".ini",
    ".json",
    ".jsonl",
    ".md",
    ".npz",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
)


def list_candidates(folder: Path) -> list[Path]:
    """The entries of `folder` that may be pictures, by name: all but captions, settings and hidden files.

    Pipes and links to nowhere are among them, so that a run tells of them. Subfolders are left alone. Raises
    DatasetError when there is no such folder or nothing in it.
    """
    if kind_of(folder) != "folder":
        raise DatasetError(
            f"The source directory {folder} is not a folder. Choose the one with your pictures."
        )
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DatasetError(
            f"The source directory {folder} can't be listed ({error.strerror}); check its permissions."
        ) from error
    candidates = [
        path for path in files if path.suffix.lower() not in _COMPANIONS and kind_of(path) != "folder"
    ]
    if not candidates:
        raise DatasetError(
            f"The source directory {folder} holds no pictures. Put 5 to 50 .png, .jpg or .webp files into it;"
            " with Search subfolders they may be in folders of it too."
        )
    return candidates
