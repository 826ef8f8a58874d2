"""One process at a time trains an embedding."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from ..errors import BusyError, StorageError
from ..paths import Paths

__all__ = ["embedding_lock"]


@contextmanager
def embedding_lock(name: str, paths: Paths) -> Iterator[None]:
    """Hold the embedding `name`; raises BusyError when another run, in whatever process, holds it.

    The lock is the operating system's and ends with the process, however that ends; the small file that
    stays behind means nothing.
    """
    path = _lock_path(name, paths)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = FileIO(path, "a+")
    except OSError as error:
        raise StorageError(
            f"The lock file {path} can't be made: {error.strerror}. Choose a data directory that can be"
            " written to."
        ) from error
    with file:
        if not _lock(file):
            raise BusyError(
                f"The embedding {name!r} is being trained by {_holder(path)}; wait for it or interrupt it"
                " first."
            )
        _sign(file)
        try:
            yield
        finally:
            _unlock(file)


def _lock_path(name: str, paths: Paths) -> Path:
    """Named after the embeddings folder too: the same name elsewhere is another embedding."""
    digest = hashlib.sha256(f"{paths.embeddings_dir}\n{name.casefold()}".encode()).hexdigest()
    return paths.jobs_dir / "locks" / f"embedding-{digest[:16]}.lock"


def _sign(file: FileIO) -> None:
    """For the sentence that others get; on a full disk the lock holds without a signature."""
    with contextlib.suppress(OSError):
        file.truncate(0)
        file.write(str(os.getpid()).encode("ascii"))


def _holder(path: Path) -> str:
    """Who wrote its number into the file; Windows doesn't let others read a locked one."""
    try:
        number = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        number = ""
    if number == str(os.getpid()):
        return "this program"
    return f"process {number}" if number.isdigit() else "another process"


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
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(file: FileIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
