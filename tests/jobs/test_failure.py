from __future__ import annotations

import errno

import pytest

from traintab.errors import (
    DatasetError,
    LostProcessError,
    MemoryShortageError,
    ModelError,
    NonFiniteError,
    NothingToDoError,
    StorageError,
)
from traintab.jobs.failure import Failure, failure_of


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryShortageError("m"), Failure.MEMORY),
        (NonFiniteError("n"), Failure.NOT_FINITE),
        (LostProcessError("p"), Failure.PROCESS),
        (ModelError("m"), Failure.MODEL),
        (DatasetError("d"), Failure.PICTURES),
        (NothingToDoError("n"), Failure.INPUT),
        (ZeroDivisionError("z"), Failure.UNFORESEEN),
        (StorageError("s"), Failure.STORAGE),
    ],
)
def test_every_kind_of_error_is_told_apart(error: Exception, kind: Failure) -> None:
    assert failure_of(error) is kind


def test_a_full_disk_is_known_by_what_the_system_said() -> None:
    error = StorageError("Writing failed.")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert failure_of(error, folder_is_there=False) is Failure.DISK_FULL


def test_a_lost_folder_is_told_from_one_that_cannot_be_written() -> None:
    error = StorageError("Writing failed.")
    error.__cause__ = OSError(errno.EACCES, "Permission denied")
    assert failure_of(error, folder_is_there=True) is Failure.STORAGE
    assert failure_of(error, folder_is_there=False) is Failure.FOLDER_LOST
