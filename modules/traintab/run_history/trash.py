"""Deleting a run: its folder moves to the trash, and comes back from there."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ..errors import InputError, StorageError
from ..files import kind_of, make_folder, make_new_folder, move, write_text_atomically
from ..training.lock import run_lock
from .summary import RunSummary

__all__ = ["DeletedRun", "bring_back", "deleted_runs", "move_to_trash"]

_NOTE = "deleted-run.json"


@dataclass(frozen=True, kw_only=True)
class DeletedRun:
    """A run in the trash: `path` is its folder there, `place` where it lay below the log directory."""

    path: Path
    place: str
    name: str


def move_to_trash(run: RunSummary, log_dir: Path, trash_dir: Path) -> DeletedRun:
    """Move a run's folder out of the log directory.

    Raises BusyError while it is being trained in, InputError for a folder that a link brings in from
    elsewhere, StorageError, and then it lies where it was.
    """
    inside = run.path.resolve().parent.parent == log_dir.resolve()
    if run.path.is_symlink() or not inside or kind_of(run.path) != "folder":
        raise InputError(
            f"{run.place} was not deleted: it isn't a folder of the log directory {log_dir} itself."
        )
    _check_at_rest(run)
    with _told(f"Moving {run.place} to the trash {trash_dir}"):
        folder = make_new_folder(trash_dir, f"{datetime.now():%Y-%m-%d %H.%M.%S} run of {run.name}")
        try:
            note = {"place": run.place, "name": run.name, "log_dir": str(log_dir.resolve())}
            write_text_atomically(folder / _NOTE, json.dumps(note))
            move(run.path, folder / run.path.name)
        except (OSError, StorageError):
            _remove_emptied(folder)
            raise
    return DeletedRun(path=folder / run.path.name, place=run.place, name=run.name)


def deleted_runs(log_dir: Path, trash_dir: Path) -> list[DeletedRun]:
    """The runs of this log directory that lie in the trash, the one deleted last first."""
    try:
        notes = sorted(trash_dir.glob(f"*/{_NOTE}"), key=lambda note: note.stat().st_mtime_ns, reverse=True)
    except OSError:
        return []
    found = (_noted(note, log_dir) for note in notes)
    return [one for one in found if one is not None]


def bring_back(deleted: DeletedRun, log_dir: Path) -> DeletedRun:
    """Move it to where it lay, or beside it where another run has the place by now; gives where it is then.

    Raises StorageError.
    """
    with _told(f"Bringing {deleted.place} back from the trash"):
        target = _free_place(log_dir / deleted.place, deleted.name)
        make_folder(target.parent)
        move(deleted.path, target)
    _remove_emptied(deleted.path.parent)
    return replace(deleted, path=target, place=f"{target.parent.name}/{target.name}")


def _free_place(wanted: Path, name: str) -> Path:
    """`wanted`, or the first free one of `<name>-2`, `<name>-3`, …, as the folders of new runs are called."""
    others = (wanted.with_name(f"{name}-{number}") for number in itertools.count(2))
    return next(place for place in itertools.chain([wanted], others) if not os.path.lexists(place))


def _check_at_rest(run: RunSummary) -> None:
    """Take the run's lock and give it back: Windows moves no folder in which a file is open."""
    if run.folder.state_dir.is_dir():
        with run_lock(run.folder):
            return


def _noted(note: Path, log_dir: Path) -> DeletedRun | None:
    """What a note says; None for one of another log directory, and for one that somebody changed."""
    try:
        facts = json.loads(note.read_text(encoding="utf-8"))
        place, name, log = str(facts["place"]), str(facts["name"]), str(facts["log_dir"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    parts = place.split("/")
    is_plain = all(part not in ("", ".", "..") and not {"/", "\\"} & set(part) for part in (*parts, name))
    if len(parts) != 2 or not is_plain or log != str(log_dir.resolve()):
        return None
    path = note.parent / parts[1]
    return DeletedRun(path=path, place=place, name=name) if kind_of(path) == "folder" else None


def _remove_emptied(folder: Path) -> None:
    with contextlib.suppress(OSError):  # what is left is in nobody's way
        (folder / _NOTE).unlink(missing_ok=True)
        folder.rmdir()


@contextlib.contextmanager
def _told(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{doing} failed: {error.strerror or error}. Check that there is space, that the folders can be"
            " written to and that no other program has a file in it open."
        ) from error
