"""A deleted run lies in the trash, whole, and comes back; nothing else can be deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from traintab.errors import BusyError, InputError, NothingToDoError, StorageError
from traintab.file_lock import FileLock
from traintab.paths import Paths
from traintab.run_history import RunHistory, trash

MakeRun = Callable[..., Any]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "lock"
    }


def test_a_deleted_run_lies_in_the_trash_and_comes_back_whole(
    make_run: MakeRun, history: RunHistory, paths: Paths
) -> None:
    made = make_run()
    before = files_of(made.path)
    deleted = history.delete("2024-02-29/mira")
    assert not made.path.exists() and history.runs() == ()
    assert deleted.path.is_relative_to(paths.trash_dir) and files_of(deleted.path) == before
    assert "run of mira" in deleted.path.parent.name
    assert history.undo_delete().place == "2024-02-29/mira"
    assert files_of(made.path) == before and [run.name for run in history.runs()] == ["mira"]
    assert list(paths.trash_dir.iterdir()) == []


def test_undo_brings_back_the_last_one_first(make_run: MakeRun, history: RunHistory) -> None:
    for place in ("2024-02-29/mira", "2024-02-29/mira-2"):
        make_run(place)
        history.delete(place)
    assert [history.undo_delete().place for _ in range(2)] == ["2024-02-29/mira-2", "2024-02-29/mira"]
    with pytest.raises(NothingToDoError, match="none to bring back"):
        history.undo_delete()


def test_the_trash_outlives_the_program(make_run: MakeRun, history: RunHistory, paths: Paths) -> None:
    make_run()
    history.delete("2024-02-29/mira")
    again = RunHistory(paths=lambda: paths, snapshot=history._snapshot)
    assert [deleted.name for deleted in again.deleted()] == ["mira"]


def test_a_run_that_is_being_trained_in_stays(make_run: MakeRun, history: RunHistory) -> None:
    made = make_run()
    lock = FileLock(made.lock_file)
    assert lock.acquire()
    with pytest.raises(BusyError, match="is being trained"):
        history.delete("2024-02-29/mira")
    lock.release()
    assert made.run_yaml.is_file()


def test_a_link_to_somewhere_else_is_not_deleted(
    make_run: MakeRun, history: RunHistory, paths: Paths, tmp_path: Path
) -> None:
    made = make_run()
    elsewhere = tmp_path / "elsewhere" / "run"
    elsewhere.parent.mkdir()
    made.path.rename(elsewhere)
    made.path.symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(InputError, match="isn't a folder of the log directory"):
        history.delete("2024-02-29/mira")
    made.path.unlink()
    made.path.parent.rmdir()
    made.path.parent.symlink_to(elsewhere.parent, target_is_directory=True)
    with pytest.raises(InputError, match="isn't a folder of the log directory"):
        history.delete("2024-02-29/run")
    assert (elsewhere / "run.yaml").is_file()


def test_a_run_whose_place_is_taken_comes_back_beside_the_other(
    make_run: MakeRun, history: RunHistory, paths: Paths
) -> None:
    """It must not hide those that were deleted before it, either."""
    before = files_of(make_run("2024-02-28/ben").path)
    history.delete("2024-02-28/ben")
    whole = files_of(make_run(steps=30).path)
    history.delete("2024-02-29/mira")
    new = files_of(make_run().path)
    make_run("2024-02-29/mira-2")
    back = history.undo_delete()
    assert (back.place, back.path) == ("2024-02-29/mira-3", paths.log_dir / "2024-02-29" / "mira-3")
    assert files_of(back.path) == whole and files_of(paths.log_dir / "2024-02-29" / "mira") == new
    assert history.find("2024-02-29/mira-3").step == 30
    assert files_of(history.undo_delete().path) == before and list(paths.trash_dir.iterdir()) == []


def test_a_trash_that_cannot_be_written_to_leaves_the_run_where_it_is(
    make_run: MakeRun, history: RunHistory, monkeypatch: pytest.MonkeyPatch, paths: Paths
) -> None:
    made = make_run()

    def refused(old: Path, new: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(trash, "move", refused)
    with pytest.raises(StorageError, match="Permission denied"):
        history.delete("2024-02-29/mira")
    assert made.run_yaml.is_file() and list(paths.trash_dir.iterdir()) == []


@pytest.mark.parametrize("place", ["../outside", "a/b/c", "2024-02-29/..", "/etc/passwd", "x\\y/z"])
def test_a_note_that_was_changed_moves_nothing_outside(
    make_run: MakeRun, history: RunHistory, place: str
) -> None:
    make_run()
    deleted = history.delete("2024-02-29/mira")
    note = deleted.path.parent / "deleted-run.json"
    facts = json.loads(note.read_text())
    note.write_text(json.dumps({**facts, "place": place}))
    assert history.deleted() == []


def test_the_runs_of_another_log_directory_are_not_brought_back_here(
    make_run: MakeRun, history: RunHistory, paths: Paths, tmp_path: Path
) -> None:
    make_run()
    history.delete("2024-02-29/mira")
    elsewhere = Paths.under(paths.data_dir, log_dir=tmp_path / "other-log")
    assert RunHistory(paths=lambda: elsewhere, snapshot=history._snapshot).deleted() == []
