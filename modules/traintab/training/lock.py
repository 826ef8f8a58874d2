"""One process at a time trains an embedding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BusyError
from ..file_lock import FileLock
from ..paths import Paths

__all__ = ["embedding_lock"]


@contextmanager
def embedding_lock(name: str, paths: Paths) -> Iterator[None]:
    """Hold the embedding `name`; raises BusyError when another run, in whatever process, holds it."""
    lock = FileLock(_lock_path(name, paths))
    if not lock.acquire():
        raise BusyError(
            f"The embedding {name!r} is being trained by {lock.holder()}; wait for it or interrupt it first."
        )
    try:
        yield
    finally:
        lock.release()


def _lock_path(name: str, paths: Paths) -> Path:
    """Named after the embeddings folder too: the same name elsewhere is another embedding."""
    digest = hashlib.sha256(f"{paths.embeddings_dir}\n{name.casefold()}".encode()).hexdigest()
    return paths.jobs_dir / "locks" / f"embedding-{digest[:16]}.lock"
