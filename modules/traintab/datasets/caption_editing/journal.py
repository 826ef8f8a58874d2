"""What was saved of captions, so that it can be taken back in another session too."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from ...errors import NothingToDoError
from ...files import write_text_atomically
from .saving import ChangedFile, SaveResult, refusals, save_files

__all__ = ["CaptionJournal", "JournalEntry", "WhenChanged"]

WhenChanged = Literal["refuse", "keep", "overwrite"]
"""Files that another program changed since a save: they stop the whole step, stay as they are, or go too."""

_VERSION = 1
_MOST_SAVES = 50
_MOST_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """One save: when (local time, ISO 8601), what it did in the user's words, and its files."""

    time: str
    label: str
    changes: tuple[ChangedFile, ...]


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A folder's saves; the first `done` of them are on the disk, those after it were taken back."""

    entries: tuple[JournalEntry, ...] = ()
    done: int = 0


class CaptionJournal:
    """One file a folder of pictures in `directory`, with the last 50 saves, or fewer of very many captions.

    A journal that is damaged counts as none: what it could take back is lost, the captions aren't.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def entries(self, folder: Path) -> tuple[JournalEntry, ...]:
        """The saves that can be taken back, the oldest first."""
        page = self._page(folder)
        return page.entries[: page.done]

    def add(self, folder: Path, changes: Sequence[ChangedFile], label: str) -> None:
        """Note a save; what was taken back can't be done again after it. Raises StorageError."""
        entry = JournalEntry(
            time=datetime.now().isoformat(timespec="seconds"), label=label, changes=tuple(changes)
        )
        entries = _bounded((*self.entries(folder), entry))
        self._write(folder, _Page(entries=entries, done=len(entries)))

    def correct_last(self, folder: Path, changes: Sequence[ChangedFile]) -> None:
        """Make the last save's files those that were really written; with none it goes. Raises StorageError.

        A save is noted before it is done, so that one that was broken off can be taken back too.
        """
        entries = self.entries(folder)
        corrected = [dataclasses.replace(last, changes=tuple(changes)) for last in entries[-1:] if changes]
        entries = (*entries[:-1], *corrected)
        self._write(folder, _Page(entries=entries, done=len(entries)))

    def undo(
        self, folder: Path, *, when_changed: WhenChanged = "refuse", dry_run: bool = False
    ) -> tuple[JournalEntry, SaveResult]:
        """Take the last save back; gives it and what became of its files.

        With *refuse* it is all of them or none, so that the next call is about the same save again. With
        `dry_run` nothing is written, and told which files were changed since. Raises NothingToDoError when
        there is no save, and StorageError when a file can't be written.
        """
        page = self._page(folder)
        if page.done == 0:
            raise NothingToDoError(f"No saved change of the captions of {folder} can be taken back.")
        return self._step(folder, page, page.done - 1, when_changed, dry_run)

    def redo(
        self, folder: Path, *, when_changed: WhenChanged = "refuse", dry_run: bool = False
    ) -> tuple[JournalEntry, SaveResult]:
        """Do the save again that was taken back last; see `undo`."""
        page = self._page(folder)
        if page.done == len(page.entries):
            raise NothingToDoError(f"No change of the captions of {folder} was taken back.")
        return self._step(folder, page, page.done + 1, when_changed, dry_run)

    def _step(
        self, folder: Path, page: _Page, done: int, when_changed: WhenChanged, dry_run: bool
    ) -> tuple[JournalEntry, SaveResult]:
        """Go from `page.done` to `done`, one further or back."""
        is_back = done < page.done
        entry = page.entries[min(done, page.done)]
        wanted = {one.file: one.before if is_back else one.after for one in entry.changes}
        there = {one.file: one.after if is_back else one.before for one in entry.changes}
        refused = () if when_changed == "overwrite" else refusals(wanted, there)
        if dry_run or (refused and when_changed == "refuse"):
            return entry, SaveResult(written=(), refused=refused)
        result = save_files(wanted, there, overwrite=wanted.keys() if when_changed == "overwrite" else ())
        self._write(folder, _Page(entries=page.entries, done=done))
        return entry, result

    def _file(self, folder: Path) -> Path:
        name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
        return self.directory / f"{name}.json"

    def _page(self, folder: Path) -> _Page:
        try:
            return _page_of(json.loads(self._file(folder).read_bytes()), folder)
        except (OSError, ValueError, KeyError, TypeError):
            return _Page()

    def _write(self, folder: Path, page: _Page) -> None:
        entries = [
            {
                "time": entry.time,
                "label": entry.label,
                "changes": [_mapping(change, folder) for change in entry.changes],
            }
            for entry in page.entries
        ]
        mapping = {"version": _VERSION, "folder": str(folder), "done": page.done, "entries": entries}
        write_text_atomically(self._file(folder), json.dumps(mapping, indent=1) + "\n")


def _bounded(entries: Sequence[JournalEntry]) -> tuple[JournalEntry, ...]:
    """The last ones, as many as a journal holds, and the last in any case."""
    kept: list[JournalEntry] = []
    room = _MOST_BYTES
    for entry in reversed(entries[-_MOST_SAVES:]):
        room -= sum(len(side) for change in entry.changes for side in (change.before, change.after) if side)
        if kept and room < 0:
            break
        kept.append(entry)
    return tuple(reversed(kept))


def _mapping(change: ChangedFile, folder: Path) -> dict[str, str | None]:
    """Bytes as base64: captions may be in any encoding."""
    return {
        "file": change.file.relative_to(folder).as_posix(),
        "before": None if change.before is None else base64.b64encode(change.before).decode("ascii"),
        "after": None if change.after is None else base64.b64encode(change.after).decode("ascii"),
    }


def _page_of(mapping: Any, folder: Path) -> _Page:
    """The page of a journal's file; raises ValueError, KeyError or TypeError for what is none."""
    if mapping["version"] != _VERSION:
        raise ValueError(f"version {mapping['version']} isn't known")
    entries = tuple(
        JournalEntry(
            time=str(entry["time"]),
            label=str(entry["label"]),
            changes=tuple(_change(change, folder) for change in entry["changes"]),
        )
        for entry in mapping["entries"]
    )
    done = mapping["done"]
    if not isinstance(done, int) or not 0 <= done <= len(entries):
        raise ValueError(f"{done} of {len(entries)} saves can't be done")
    return _Page(entries=entries, done=done)


def _change(mapping: Any, folder: Path) -> ChangedFile:
    name = PurePosixPath(mapping["file"])
    if name.is_absolute() or ".." in name.parts:
        raise ValueError(f"{name} isn't in the folder")
    before, after = (
        None if mapping[side] is None else base64.b64decode(mapping[side], validate=True)
        for side in ("before", "after")
    )
    return ChangedFile(file=folder / name, before=before, after=after)
