"""Finding what a user named, and writing and moving files whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from .errors import StorageError

__all__ = [
    "clear_leftovers",
    "flush_file",
    "kind_of",
    "make_folder",
    "make_new_folder",
    "move",
    "numbered",
    "sync_folder",
    "user_path",
    "write_atomically",
    "write_text_atomically",
]

_REPLACE_ATTEMPTS = 10
_REPLACE_PAUSE_SECONDS = 0.1
# What network and FUSE file systems answer when a folder is to be flushed, and a folder that may not be read.
_FOLDER_CANT_BE_FLUSHED = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EACCES, errno.EPERM, errno.EBADF)
_NAME_SHOWN = 40
_LEFT_BEHIND_SECONDS = 60.0
_RANDOM_LETTERS = 8  # in the names of temporary files


def user_path(text: str) -> Path:
    """The path that a user typed, with the home folder for `~`; an unknown user's `~name` stays as it is."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def kind_of(path: Path) -> Literal["folder", "file", ""]:
    """What lies at `path`; nothing where none can be seen: in a closed folder, by an impossible name."""
    try:
        if path.is_dir():
            return "folder"
        return "file" if path.exists() else ""
    except (OSError, ValueError):
        return ""


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write `data` to `path` so that a reader sees the old file or the new one, never a part.

    A temporary file in the same folder is flushed to the disk and renamed over `path`; the folder is
    made when it is missing. When it returns, a power failure takes nothing of it back; unless it needn't be
    `durable`: then a power failure may leave any bytes, which takes less time, for what can be made again.
    Raises StorageError, and leaves the old file as it was.
    """
    temporary: Path | None = None
    try:
        make_folder(path.parent)
        temporary = _new_file_beside(path)
        with temporary.open("r+b") as stream:
            stream.write(data)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        _replace(temporary, path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise StorageError(
            f"Writing {path} failed: {error.strerror or error}. Free some disk space or choose a folder"
            " that can be written to; the file that was there before is untouched."
        ) from error


def write_text_atomically(path: Path, text: str) -> None:
    """Write `text` as UTF-8, by the rules of `write_atomically`."""
    write_atomically(path, text.encode("utf-8"))


def _new_file_beside(path: Path) -> Path:
    """An empty file in the same folder, by a name that nobody has; raises OSError.

    The system gives it the permissions that files usually have. `tempfile` makes private ones, and to ask
    for the usual ones afterwards is to change them for all threads for a moment.
    """
    while True:
        letters = secrets.token_hex(_RANDOM_LETTERS // 2)
        candidate = path.parent / f".{path.name[:_NAME_SHOWN]}.{letters}.tmp"
        try:
            candidate.touch(exist_ok=False)
        except FileExistsError:
            continue
        return candidate


def _replace(source: Path, target: Path) -> None:
    """Rename over `target`; Windows refuses while a reader holds it open, so try for a second."""
    for attempt in range(_REPLACE_ATTEMPTS):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if sys.platform != "win32" or attempt == _REPLACE_ATTEMPTS - 1:
                raise
            time.sleep(_REPLACE_PAUSE_SECONDS)


def clear_leftovers(folder: Path) -> None:
    """Remove what `write_atomically` left behind in a folder when the program was killed while it wrote.

    Only files that nobody has touched for a minute: another program may just be writing.
    """
    with contextlib.suppress(OSError):  # what can't be removed now is in nobody's way
        for path in folder.glob(f".*.{'?' * _RANDOM_LETTERS}.tmp"):
            if time.time() - path.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                path.unlink()


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, so that a power failure keeps them; raises OSError.

    A file in a new folder is lost with the folder's name, however well the file itself was flushed.
    """
    missing = []
    for candidate in (folder, *folder.parents):
        if candidate.is_dir():
            break
        missing.append(candidate)
    for candidate in reversed(missing):
        candidate.mkdir(exist_ok=True)
        sync_folder(candidate.parent)


def make_new_folder(parent: Path, wanted: str) -> Path:
    """Make a folder by a name that nothing has: `wanted`, or `wanted (2)` and so on; raises OSError."""
    make_folder(parent)
    for number in itertools.count(1):
        folder = parent / (wanted if number == 1 else f"{wanted} ({number})")
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            break
    return folder


def numbered(name: str) -> Iterator[str]:
    """`name`, `name-2`, `name-3` and so on, of which the first that nothing has is taken."""
    yield name
    for number in itertools.count(2):
        yield f"{name}-{number}"


def move(old: Path, new: Path) -> None:
    """Rename a file or folder, or copy and remove it where `new` is on another disk; replaces a file there.

    Raises OSError, and then all of it is at `old`; unless a copied folder couldn't be removed: then `new` is
    whole, and something of it is at `old` too.
    """
    try:
        old.replace(new)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        if old.is_dir() and not old.is_symlink():
            _move_folder_by_copying(old, new)
        else:
            _move_file_by_copying(old, new)


def _move_file_by_copying(old: Path, new: Path) -> None:
    try:
        shutil.move(old, new)
    except OSError:
        if os.path.lexists(old):
            new.unlink(missing_ok=True)
        raise


def _move_folder_by_copying(old: Path, new: Path) -> None:
    try:
        shutil.copytree(old, new, symlinks=True)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        raise
    shutil.rmtree(old)


def flush_file(path: Path) -> None:
    """Make what was added to a file durable; raises OSError."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Make what was renamed or made in a folder durable, where the system can; raises OSError."""
    if sys.platform == "win32":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _FOLDER_CANT_BE_FLUSHED:
            raise
