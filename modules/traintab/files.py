"""Writing files whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from .errors import StorageError

__all__ = ["write_atomically", "write_text_atomically"]

_REPLACE_ATTEMPTS = 10
_REPLACE_PAUSE_SECONDS = 0.1


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader sees the old file or the new one, never a part.

    A temporary file in the same folder is flushed to the disk and renamed over `path`; the folder is
    made when it is missing. Raises StorageError, and leaves the old file as it was.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _give_usual_permissions(temporary)
        _replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise StorageError(
            f"Writing {path} failed: {error.strerror or error}. Free some disk space or choose a folder"
            " that can be written to; the file that was there before is untouched."
        ) from error


def write_text_atomically(path: Path, text: str) -> None:
    """Write `text` as UTF-8, by the rules of `write_atomically`."""
    write_atomically(path, text.encode("utf-8"))


def _give_usual_permissions(path: Path) -> None:
    """mkstemp makes files private; an embedding is for sharing, so follow the user's umask."""
    if sys.platform != "win32":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)


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


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows has no such call."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
