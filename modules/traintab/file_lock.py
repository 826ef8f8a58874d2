"""A lock that the operating system takes back when the process ends, however that ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from io import FileIO
from pathlib import Path

from .errors import StorageError

__all__ = ["FileLock"]


class FileLock:
    """A lock on a small file; the file stays behind and means nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None

    def acquire(self) -> bool:
        """Take the lock; False when another holder, in whatever process, has it. Raises StorageError."""
        file = self._opened()
        if not self._locked(file):
            file.close()
            return False
        self._file = file
        with contextlib.suppress(OSError):  # on a full disk the lock holds without a signature
            file.truncate(0)
            file.write(str(os.getpid()).encode("ascii"))
        return True

    def release(self) -> None:
        """Give it back; without it nothing happens."""
        if self._file is not None:
            _unlock(self._file)
            self._file.close()
            self._file = None

    def holder(self) -> str:
        """Who wrote its number into the file; Windows doesn't let others read a locked one."""
        try:
            number = self._path.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            number = ""
        if number == str(os.getpid()):
            return "this program"
        return f"process {number}" if number.isdigit() else "another process"

    def _locked(self, file: FileIO) -> bool:
        try:
            return _lock(file)
        except OSError as error:
            file.close()
            raise StorageError(
                f"The lock file {self._path} can't be locked: {error.strerror}. Choose a data directory on a"
                " disk that knows locks, such as one of this machine."
            ) from error

    def _opened(self) -> FileIO:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return FileIO(self._path, "a+")
        except OSError as error:
            raise StorageError(
                f"The lock file {self._path} can't be made: {error.strerror}. Choose a data directory that"
                " can be written to."
            ) from error


if sys.platform == "win32":
    import msvcrt

    _FAR_AWAY = 1 << 30

    def _lock(file: FileIO) -> bool:
        """Lock a byte beyond the text, which stays readable."""
        file.seek(_FAR_AWAY)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: FileIO) -> None:
        file.seek(_FAR_AWAY)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: FileIO) -> bool:
        """Another reason than a holder is an OSError: some network disks know no locks, and who took that
        for a holder would wait without end.
        """
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):  # the second where flock is made of fcntl
                return False
            raise
        return True

    def _unlock(file: FileIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
