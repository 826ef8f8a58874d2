"""Which files of a folder may be embeddings, told by names and `stat` alone."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from .formats import SUFFIXES

__all__ = ["FolderScan", "Stamp", "scan_folder"]

# Size, modification time in nanoseconds and inode: a file that kept all three is taken as unchanged.
Stamp = tuple[int, int, int]


@dataclass
class FolderScan:
    """Files worth reading with their stamps, and things that can't be read with the reason."""

    stamps: dict[Path, Stamp] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)


def scan_folder(folder: Path) -> FolderScan:
    """Look through `folder` and its subfolders; a folder that doesn't exist is empty.

    Links are followed, each real folder is entered once. Hidden and temporary files, empty ones,
    `.preview.png` pictures and files of other kinds are passed over.
    """
    scan = FolderScan()
    entered: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            with os.scandir(current) as entries:
                waiting += [Path(entry) for entry in entries if _is_subfolder(entry, scan)]
        except OSError as error:
            if current != folder or folder.exists():
                scan.unreadable[current] = f"The folder can't be read: {error.strerror or error}."
    return scan


def _is_subfolder(entry: os.DirEntry[str], scan: FolderScan) -> bool:
    """Whether the entry is a folder to enter; a file worth reading is noted in `scan`."""
    name = entry.name.lower()
    if name.startswith("."):
        return False
    try:
        if entry.is_dir():
            return True
        if not name.endswith(SUFFIXES) or name.endswith(".preview.png"):
            return False
        status = entry.stat()
    except OSError as error:
        scan.unreadable[Path(entry)] = (
            f"The link leads nowhere ({error.strerror or error}); repair or remove it."
        )
        return False
    if not stat.S_ISREG(status.st_mode):
        scan.unreadable[Path(entry)] = "It is a pipe or a device, not a file; remove it."
    elif status.st_size > 0:
        scan.stamps[Path(entry)] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return False
