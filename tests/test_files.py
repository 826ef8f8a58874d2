"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from traintab import files
from traintab.errors import StorageError
from traintab.files import (
    clear_leftovers,
    kind_of,
    make_new_folder,
    move,
    numbered,
    user_path,
    write_atomically,
    write_text_atomically,
)

PROC = Path("/proc/self/fd").is_dir()


def test_a_file_is_written_and_its_folder_made(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "name.pt"
    write_atomically(target, b"vectors")
    assert target.read_bytes() == b"vectors"


def test_a_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "name.pt"
    target.write_bytes(b"old and longer")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"


def test_text_is_utf_8_with_its_line_ends_kept(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "text", "größe\n名前\n")
    assert (tmp_path / "text").read_bytes() == "größe\n名前\n".encode()


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "name.pt", b"vectors")
    assert [path.name for path in tmp_path.iterdir()] == ["name.pt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_a_file_gets_the_permissions_that_the_user_gives_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "name.pt", b"vectors")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "name.pt").stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_threads_that_write_at_once_all_give_the_usual_permissions(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with ThreadPoolExecutor(max_workers=8) as pool:
            writing = (
                pool.submit(write_atomically, tmp_path / str(number % 50), b"", durable=False)
                for number in range(400)
            )
            for written in list(writing):
                written.result()
    finally:
        left = os.umask(before)
    assert left == 0o027
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o640}


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_keeps_the_old_file_and_says_what_to_do(tmp_path: Path, monkeypatch, call: str) -> None:
    target = tmp_path / "name.pt"
    target.write_bytes(b"old")

    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, call, fails)
    with pytest.raises(StorageError, match=r"No space left on device.*Free some disk space"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["name.pt"]


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match=r"Writing .*name\.pt failed"):
        write_atomically(tmp_path / "taken" / "name.pt", b"vectors")


def test_the_data_reaches_the_disk_before_the_name_does(tmp_path: Path, monkeypatch) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(files.os, "fsync", lambda fd: (calls.append("fsync"), fsync(fd)))
    monkeypatch.setattr(files.os, "replace", lambda *names: (calls.append("replace"), replace(*names)))
    write_atomically(tmp_path / "name.pt", b"vectors")
    expected = ["fsync", "replace"] if sys.platform == "win32" else ["fsync", "replace", "fsync"]
    assert calls == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Windows flushes no folders")
def test_new_folders_reach_the_disk_before_the_file_in_them(tmp_path: Path, monkeypatch) -> None:
    flushed: list[str] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name if PROC else "")
        fsync(descriptor)

    monkeypatch.setattr(files.os, "fsync", noting)
    write_atomically(tmp_path / "run" / "state" / "name.pt", b"vectors")
    assert len(flushed) == 4
    if PROC:
        assert flushed[:2] == [tmp_path.name, "run"]
        assert flushed[2].startswith(".name.pt.")
        assert flushed[3] == "state"


def test_only_old_leftovers_of_a_killed_writer_are_cleared(tmp_path: Path) -> None:
    ours, fresh, others = (
        tmp_path / name for name in (".a.pt.abcd1234.tmp", ".b.pt.abcd1234.tmp", ".hidden.tmp")
    )
    for path in (ours, fresh, others):
        path.write_bytes(b"")
    for path in (ours, others):
        os.utime(path, (0, 0))
    clear_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == [fresh, others]
    clear_leftovers(tmp_path / "missing")


def test_on_windows_a_reader_that_lets_go_in_time_is_waited_for(tmp_path: Path, monkeypatch) -> None:
    replace = os.replace
    refusals = [PermissionError(errno.EACCES, "in use"), PermissionError(errno.EACCES, "in use")]

    def refuses_at_first(*names: Path) -> None:
        if refusals:
            raise refusals.pop()
        replace(*names)

    monkeypatch.setattr(files.sys, "platform", "win32")
    monkeypatch.setattr(files.time, "sleep", lambda _: None)
    monkeypatch.setattr(files.os, "replace", refuses_at_first)
    write_atomically(tmp_path / "name.pt", b"vectors")
    assert (tmp_path / "name.pt").read_bytes() == b"vectors"


def test_on_windows_a_reader_that_never_lets_go_is_a_sentence(tmp_path: Path, monkeypatch) -> None:
    def refuses(*_: Path) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(files.sys, "platform", "win32")
    monkeypatch.setattr(files.time, "sleep", lambda _: None)
    monkeypatch.setattr(files.os, "replace", refuses)
    with pytest.raises(StorageError):
        write_atomically(tmp_path / "name.pt", b"vectors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows flushes no folders")
def test_a_file_system_that_cannot_flush_folders_is_no_failure(tmp_path: Path, monkeypatch) -> None:
    fsync = os.fsync

    def refuses_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(descriptor)

    monkeypatch.setattr(files.os, "fsync", refuses_folders)
    write_atomically(tmp_path / "name.pt", b"vectors")
    assert (tmp_path / "name.pt").read_bytes() == b"vectors"


def test_a_name_as_long_as_the_disk_allows_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 252 + ".pt")
    write_atomically(target, b"vectors")
    assert target.read_bytes() == b"vectors"


def test_what_a_user_names_is_a_folder_a_file_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert kind_of(tmp_path) == "folder"
    assert kind_of(tmp_path / "file") == "file"
    assert kind_of(tmp_path / "missing") == ""


@pytest.mark.parametrize("name", ["n" * 5000, "a\0b"])
def test_an_impossible_name_is_nothing(tmp_path: Path, name: str) -> None:
    assert kind_of(tmp_path / name) == ""


def test_a_home_folder_that_nobody_has_stays_as_it_is_typed() -> None:
    assert user_path("~nobody-has-this-name/photos") == Path("~nobody-has-this-name/photos")
    assert user_path("~/photos") == Path.home() / "photos"


def test_a_new_folder_has_a_name_that_nothing_had(tmp_path: Path) -> None:
    made = [make_new_folder(tmp_path / "trash", "today") for _ in range(3)]
    assert [folder.name for folder in made] == ["today", "today (2)", "today (3)"]


@pytest.fixture
def other_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rename by our own hand is one to another disk."""

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "replace", refuse)


def folder_of_two(path: Path) -> Path:
    (path / "below").mkdir(parents=True)
    (path / "one.txt").write_text("1")
    (path / "below" / "two.txt").write_text("2")
    return path


def below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("disk", ["same disk", "other disk"])
def test_a_folder_and_a_file_are_moved_whole(
    tmp_path: Path, disk: str, request: pytest.FixtureRequest
) -> None:
    old = folder_of_two(tmp_path / "old")
    wanted = below(old)
    if disk == "other disk":
        request.getfixturevalue("other_disk")
    move(old, tmp_path / "new")
    assert below(tmp_path / "new") == wanted and not old.exists()
    move(tmp_path / "new" / "one.txt", tmp_path / "one.txt")
    assert below(tmp_path) == ["new", "new/below", "new/below/two.txt", "one.txt"]


@pytest.mark.usefixtures("other_disk")
def test_a_folder_that_finds_no_space_on_the_other_disk_stays_and_leaves_nothing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = folder_of_two(tmp_path / "old")
    real = shutil.copy2

    def full(source: str, target: str, **options: bool) -> str:
        if source.endswith("two.txt"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return str(real(source, target, **options))

    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, full, False, False))
    with pytest.raises(OSError, match="No space left"):
        move(old, tmp_path / "new")
    assert below(tmp_path) == ["old", "old/below", "old/below/two.txt", "old/one.txt"]


def test_names_are_numbered_from_two_on() -> None:
    assert list(itertools.islice(numbered("mira"), 3)) == ["mira", "mira-2", "mira-3"]
