"""One process at a time trains an embedding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..errors import BusyError, StorageError
from ..file_lock import FileLock
from ..files import make_folder
from ..paths import Paths
from .run_folder import RunFolder

__all__ = ["embedding_lock", "embedding_locks", "run_lock"]


@contextmanager
def embedding_lock(name: str, paths: Paths) -> Iterator[None]:
    """Hold the embedding `name`; raises BusyError when another run, in whatever process, holds it."""
    with _held(_lock_path(name, paths), f"The embedding {name!r}"):
        yield


@contextmanager
def embedding_locks(names: Iterable[str], paths: Paths) -> Iterator[None]:
    """Hold several embeddings at once, or none of them; raises BusyError for the first that is held."""
    with ExitStack() as held:
        for name in names:
            held.enter_context(embedding_lock(name, paths))
        yield


@contextmanager
def run_lock(run: RunFolder) -> Iterator[None]:
    """Hold a run's folder: another data directory may have the same log, and then other embedding locks.

    Raises BusyError when it is held, in whatever process, and StorageError.
    """
    run.check()
    try:
        make_folder(run.state_dir)
    except OSError as error:
        raise StorageError(
            f"The run's folder {run.path} can't be written to: {error.strerror or error}. Free some disk"
            " space or choose another log directory."
        ) from error
    with _held(run.lock_file, f"The run in {run.path}"):
        yield


@contextmanager
def _held(path: Path, what: str) -> Iterator[None]:
    lock = FileLock(path)
    if not lock.acquire():
        raise BusyError(f"{what} is being trained by {lock.holder()}; wait for it or interrupt it first.")
    try:
        yield
    finally:
        lock.release()


def _lock_path(name: str, paths: Paths) -> Path:
    """Named after the embeddings folder too: the same name elsewhere is another embedding."""
    digest = hashlib.sha256(f"{paths.embeddings_dir.resolve()}\n{name.casefold()}".encode()).hexdigest()
    return paths.jobs_dir / "locks" / f"embedding-{digest[:16]}.lock"
