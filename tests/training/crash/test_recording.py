"""The tests' own instruments: what they record is what happened, and what they tear is what may tear."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from traintab.files import write_atomically

from .crash_states import Tree, crash_states, replayed
from .recorded_disk import Flush, FlushFolder, Made, Op, Promise, Recording, Renamed, Written
from .recovery import first_violation

OLD, NEW = b"old content", b"new content"


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "untouched").write_bytes(b"as it was")
    return Recording(tmp_path)


def trees(recording: Recording, ops: list[Op], *, thorough: bool = False) -> list[Tree]:
    return [tree for _, tree in crash_states(recording.before, ops, thorough=thorough)]


def test_an_atomic_write_is_recorded_in_its_order(recording: Recording, tmp_path: Path) -> None:
    with recording.running():
        write_atomically(tmp_path / "file", NEW)
    made, written, flush, renamed, folder, promise = recording.ops
    assert isinstance(made, Made)
    assert written == Written(2, NEW)
    assert flush == Flush(2)
    assert renamed == Renamed(made.path, "file")
    assert folder == FlushFolder("")
    assert promise == Promise("file", NEW)


def test_a_recording_played_again_gives_what_lies_there(recording: Recording, tmp_path: Path) -> None:
    with recording.running():
        (tmp_path / "folder").mkdir()
        write_atomically(tmp_path / "folder" / "new", NEW)
        write_atomically(tmp_path / "made" / "by" / "need", NEW)
        (tmp_path / "file").unlink()
        with (tmp_path / "folder" / "new").open("ab") as stream:
            stream.write(b" and more")
            stream.flush()
            os.fsync(stream.fileno())
    assert replayed(recording.before, recording.ops) == {
        "folder": None,
        "folder/new": NEW + b" and more",
        "made": None,
        "made/by": None,
        "made/by/need": NEW,
        "untouched": b"as it was",
    }
    assert Recording(tmp_path).before == replayed(recording.before, recording.ops)


def test_a_change_that_nothing_explains_is_an_error(recording: Recording, tmp_path: Path) -> None:
    rename = os.rename
    with pytest.raises(AssertionError, match="without being seen"), recording.running():
        rename(tmp_path / "file", tmp_path / "elsewhere")


def test_what_is_ignored_is_not_recorded(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    recording = Recording(tmp_path, ignoring=("cache",))
    with recording.running():
        write_atomically(tmp_path / "cache" / "file", NEW)
    assert (recording.before, recording.ops) == ({}, [])


def test_no_crash_of_an_atomic_write_breaks_its_promise(recording: Recording, tmp_path: Path) -> None:
    with recording.running():
        write_atomically(tmp_path / "file", NEW)
    found = {tree.get("file") for tree in trees(recording, recording.ops, thorough=True)}
    assert found == {OLD, NEW}
    assert first_violation(recording.before, recording.ops) == ""


@pytest.mark.parametrize(("missing", "broken"), [(Flush, "file is torn"), (FlushFolder, "file is lost")])
def test_without_a_flush_some_crash_breaks_it(
    recording: Recording, tmp_path: Path, missing: type[Op], broken: str
) -> None:
    with recording.running():
        write_atomically(tmp_path / "file", NEW)
    less = [op for op in recording.ops if not isinstance(op, missing)]
    assert len(less) == len(recording.ops) - 1
    found = first_violation(recording.before, less)
    assert found in (broken, "file is lost")


def test_a_file_in_a_folder_whose_name_was_not_flushed_is_lost_with_it(
    recording: Recording, tmp_path: Path
) -> None:
    with recording.running():
        (tmp_path / "folder").mkdir()
        write_atomically(tmp_path / "folder" / "file", NEW)
    assert first_violation(recording.before, recording.ops) == "folder/file is lost"


def test_unflushed_writes_are_there_missing_cut_or_zeros(recording: Recording, tmp_path: Path) -> None:
    with recording.running(), (tmp_path / "file").open("ab") as stream:
        stream.write(b", grown")
    found = {tree["file"] for tree in trees(recording, recording.ops, thorough=True)}
    grown = OLD + b", grown"
    assert found == {OLD, grown, OLD + bytes(7), grown[:-1]}
    assert all(tree["untouched"] == b"as it was" for tree in trees(recording, recording.ops))


def test_unflushed_renames_reach_the_disk_in_any_order(recording: Recording, tmp_path: Path) -> None:
    with recording.running():
        os.replace(tmp_path / "file", tmp_path / "second")
        os.replace(tmp_path / "untouched", tmp_path / "file")
    found = [sorted(tree) for tree in trees(recording, recording.ops)]
    assert ["file", "untouched"] in found  # neither
    assert ["second", "untouched"] in found  # the first
    assert ["file"] in found  # only the second, over the first's old name
    assert ["file", "second"] in found  # both
