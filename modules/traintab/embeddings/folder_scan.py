"""Which files of a folder may be embeddings, told by names and `stat` alone."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from .formats import PICTURE_SUFFIXES, SUFFIXES

__all__ = ["FolderScan", "Stamp", "scan_folder"]

# Size, modification time in nanoseconds and inode: a file that kept all three is taken as unchanged.
Stamp = tuple[int, int, int]

_PREVIEWS = tuple(f".preview{suffix}" for suffix in PICTURE_SUFFIXES)


@dataclass
class FolderScan:
    """Files worth reading with their stamps, and things that can't be read with the reason, by path.

    Paths are texts, since a thousand of them are compared at each look; `root` is the folder's own real path,
    `links` are the files that are links, to places inside it.
    """

    root: str
    stamps: dict[str, Stamp] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)


def scan_folder(folder: Path) -> FolderScan:
    """Look through `folder` and its subfolders; a folder that doesn't exist is empty.

    `folder` itself may be a link; below it links are followed as long as they stay inside, and each real
    folder is entered once. Hidden and temporary files, empty ones, `.preview` pictures and files of other
    kinds are passed over.
    """
    top = str(folder)
    scan = FolderScan(os.path.realpath(top))
    entered: set[tuple[int, int]] = set()
    waiting = [top]
    while waiting:
        current = waiting.pop()
        try:
            status = os.stat(current)  # noqa: PTH116 - texts, not paths
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            with os.scandir(current) as entries:
                waiting += [entry.path for entry in entries if _is_subfolder(entry, scan)]
        except OSError as error:
            if current != top or folder.exists():
                scan.unreadable[current] = f"The folder can't be read: {error.strerror or error}."
    return scan


def _is_subfolder(entry: os.DirEntry[str], scan: FolderScan) -> bool:
    """Whether the entry is a folder to enter; a file worth reading is noted in `scan`."""
    name = entry.name.lower()
    if name[0] == ".":
        return False
    try:
        is_folder = entry.is_dir()
        if not is_folder and (not name.endswith(SUFFIXES) or name.endswith(_PREVIEWS)):
            return False
        if entry.is_symlink():
            if _leads_out(entry, scan):
                return False
            scan.links.add(entry.path)
        if is_folder:
            return True
        status = entry.stat()
    except OSError as error:
        scan.unreadable[entry.path] = (
            f"The link leads nowhere ({error.strerror or error}); repair or remove it."
        )
        return False
    if not stat.S_ISREG(status.st_mode):
        scan.unreadable[entry.path] = "It is a pipe or a device, not a file; remove it."
    elif status.st_size:
        scan.stamps[entry.path] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return False


def _leads_out(link: os.DirEntry[str], scan: FolderScan) -> bool:
    """Whether a link's end lies outside the folder, which is noted in `scan`: it could be any file at all."""
    end = os.path.realpath(link.path)
    if end == scan.root or end.startswith(os.path.join(scan.root, "")):  # noqa: PTH118
        return False
    link.stat()  # a link that leads nowhere is told as such: raises OSError
    scan.unreadable[link.path] = (
        f"It is a link out of the embeddings folder, to {_shown(end)}, and such links aren't followed;"
        " put the file or folder itself here, or choose its place as embeddings folder."
    )
    return True


def _shown(path: str) -> str:
    return path.encode("utf-8", "replace").decode()
