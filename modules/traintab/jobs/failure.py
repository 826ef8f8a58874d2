"""Which kind of failure an error is, so that the page can say what to do about it."""

from __future__ import annotations

import errno
from enum import Enum

from ..errors import (
    DatasetError,
    InputError,
    LostProcessError,
    MemoryShortageError,
    ModelError,
    NonFiniteError,
    StorageError,
)

__all__ = ["Failure", "failure_of"]

_FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


class Failure(str, Enum):
    """What went wrong, as far as what to do depends on it; the values stand in records."""

    NONE = ""
    MEMORY = "memory"
    NOT_FINITE = "not_finite"
    DISK_FULL = "disk_full"
    FOLDER_LOST = "folder_lost"
    STORAGE = "storage"
    MODEL = "model"
    PICTURES = "pictures"
    INPUT = "input"
    PROCESS = "process"
    UNFORESEEN = "unforeseen"


_KINDS: tuple[tuple[type[Exception], Failure], ...] = (
    (MemoryShortageError, Failure.MEMORY),
    (NonFiniteError, Failure.NOT_FINITE),
    (LostProcessError, Failure.PROCESS),
    (ModelError, Failure.MODEL),
    (DatasetError, Failure.PICTURES),
    (InputError, Failure.INPUT),
)


def failure_of(error: Exception, *, folder_is_there: bool = True) -> Failure:
    """The kind of an error that ended a job; `folder_is_there` says whether the job's folder still is."""
    if isinstance(error, StorageError):
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _FULL:
            return Failure.DISK_FULL
        return Failure.STORAGE if folder_is_there else Failure.FOLDER_LOST
    return next((kind for known, kind in _KINDS if isinstance(error, known)), Failure.UNFORESEEN)
