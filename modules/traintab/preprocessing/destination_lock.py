"""One run at a time into a destination: two would give out the same numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import BusyError, StorageError
from ..file_lock import FileLock
from ..files import kind_of, make_folder

__all__ = ["LOCK_NAME", "destination_lock"]

LOCK_NAME = ".traintab-preprocess.lock"


@contextlib.contextmanager
def destination_lock(folder: Path) -> Iterator[None]:
    """Hold the destination `folder`, which is made; one that stays empty is taken away again.

    Raises BusyError when another run, in whatever process, holds it. Where no lock can be had the run goes on
    without: the disk knows none, or nothing can be written there, which the first picture tells.
    """
    was_there = kind_of(folder) == "folder"
    lock = FileLock(folder / LOCK_NAME)
    try:
        with contextlib.suppress(OSError):
            make_folder(folder)
        is_free = lock.acquire()
    except StorageError:
        is_free = True
    if not is_free:
        raise BusyError(
            f"{lock.holder().capitalize()} is writing training pictures into {folder}: wait for it, interrupt"
            " it, or choose another destination."
        )
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows removes no open file; it means nothing to the next run
            (folder / LOCK_NAME).unlink()
        lock.release()
        if not was_there:
            with contextlib.suppress(OSError):  # there are pictures in it
                folder.rmdir()
