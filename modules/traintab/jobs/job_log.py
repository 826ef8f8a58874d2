"""What a job told, line by line with the time: for the page, and kept as `log.txt` in the job's folder."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from .snapshot import JobSnapshot, JobStatus

__all__ = ["LOG_FILE", "JobLog", "sentences"]

LOG_FILE = "log.txt"
_LINES = 200
_TAIL_BYTES = 40_000
_LONGEST = 2000

_LOGGER = logging.getLogger(__name__)


class JobLog:
    """The newest lines, each `2026-01-31 12:00:00 what was told`, the oldest first.

    Lines wait until `write` names the folder. A job that goes on in the folder of an earlier one shows that
    one's last lines before its own.
    """

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._lines = deque(lines, maxlen=_LINES)
        self._unwritten: deque[str] = deque(maxlen=_LINES)
        self._folder = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """At most 200 of them."""
        return tuple(self._lines)

    def add(self, sentence: str, moment: datetime) -> None:
        """Append a line; nothing is told twice in a row."""
        told = " ".join(sentence.split())[:_LONGEST]
        if not told or (self._lines and self._lines[-1].split(" ", 2)[-1] == told):
            return
        line = f"{moment:%Y-%m-%d %H:%M:%S} {told}"
        self._lines.append(line)
        self._unwritten.append(line)

    def write(self, folder: str) -> None:
        """Append what is new to the folder's file.

        A folder that is gone or full costs lines there and nothing else: it must not end hours of work.
        """
        if folder != self._folder:
            self._folder = folder
            self._lines = deque([*_tail(Path(folder) / LOG_FILE), *self._lines], maxlen=_LINES)
        if self._unwritten and Path(folder).is_dir():
            _append(Path(folder) / LOG_FILE, self._unwritten)
            self._unwritten.clear()


def sentences(changes: Mapping[str, Any], before: JobSnapshot) -> Iterator[str]:
    """What the changes of a snapshot have to tell: progress that passes by in a moment isn't in it."""
    if changes.get("status") is JobStatus.STOPPING:
        yield "Interrupt was asked for."
    known = frozenset(before.notes)
    yield from (note for note in changes.get("notes", ()) if note not in known)
    if changes.get("fraction") is None:
        yield str(changes.get("message", ""))
    if changes.get("error"):
        yield f"Failed: {changes['error']}"


def _tail(path: Path) -> list[str]:
    """The last whole lines of the file; none when it can't be read."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(size - _TAIL_BYTES, 0))
            text = stream.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    lines = text.splitlines()[1 if size > _TAIL_BYTES else 0 :]
    return [line[: _LONGEST + 20] for line in lines if line.strip() and "\0" not in line][-_LINES:]


def _append(path: Path, lines: Iterable[str]) -> None:
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write("".join(f"{line}\n" for line in lines))
    except OSError as error:
        _LOGGER.warning("The log %s can't be written: %s.", path, error.strerror or error)
