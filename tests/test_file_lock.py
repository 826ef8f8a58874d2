"""A lock that the operating system takes back when the process ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from traintab.errors import StorageError
from traintab.file_lock import FileLock


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_the_holder_is_told(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "a.lock")
    assert lock.holder() == "another process"
    lock.acquire()
    assert lock.holder() == "this program"
    lock.release()
    (tmp_path / "a.lock").write_text(str(os.getpid() + 1))
    assert lock.holder() == f"process {os.getpid() + 1}"


def test_releasing_what_is_not_held_does_nothing(tmp_path: Path) -> None:
    FileLock(tmp_path / "a.lock").release()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't be made"):
        FileLock(tmp_path / "file" / "a.lock").acquire()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks in another way")
def test_a_disk_that_knows_no_locks_is_told_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def knows_none(*_asked: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", knows_none)
    with pytest.raises(StorageError, match="can't be locked: No locks available"):
        FileLock(tmp_path / "a.lock").acquire()
