"""What earlier runs made of which files, in a file of the destination: how a run knows what is done already.

One JSON object a line, the newest of a source counts. A line is added when a picture is done, so that a
killed run loses little, and a torn last line costs one picture.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..files import make_folder, write_atomically

__all__ = ["RECORD_NAME", "Entry", "Record", "Stamp", "read_record", "stamp_of"]

RECORD_NAME = ".traintab-preprocess.jsonl"
_HEADER = {"train_tab_preprocess": 1}
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """How a file was: its size in bytes, the nanoseconds of its last change, and SHA-256 of its content."""

    size: int
    mtime_ns: int
    sha256: str

    def fits(self, path: Path) -> bool:
        """Whether the file has this content still; one that was only touched has."""
        try:
            now = path.stat()
            if now.st_size != self.size:
                return False
            return now.st_mtime_ns == self.mtime_ns or stamp_of(path).sha256 == self.sha256
        except OSError:
            return False


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file as it is now; raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return Stamp(size=status.st_size, mtime_ns=status.st_mtime_ns, sha256=digest.hexdigest())


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a source became.

    `root` and `source` are its folder and its place there, `number` the one in the names of its pictures.
    `caption` and `mask` are SHA-256 of the files that went with it, "" for none; `settings` of what was done.
    `files` are the pictures and masks by their names in the destination, `texts` SHA-256 of the captions;
    there are none of a source that was skipped.
    """

    root: str
    source: str
    number: int
    stamp: Stamp = Stamp(size=0, mtime_ns=0, sha256="")
    caption: str = ""
    mask: str = ""
    settings: str = ""
    files: Mapping[str, Stamp] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def to_line(self) -> bytes:
        """A line of the record's file."""
        return json.dumps(asdict(self), separators=(",", ":")).encode("ascii") + b"\n"


def _entry_of(line: bytes) -> Entry:
    """The entry of a line; raises ValueError, TypeError or KeyError when it isn't one."""
    values: dict[str, Any] = json.loads(line)
    values["stamp"] = Stamp(**values["stamp"])
    values["files"] = {str(name): Stamp(**stamp) for name, stamp in values["files"].items()}
    values["texts"] = {str(name): str(text) for name, text in values["texts"].items()}
    entry = Entry(**values)
    for name in (*entry.files, *entry.texts):
        place = Path(name)
        if place.is_absolute() or ".." in place.parts:  # nothing else may be replaced or removed
            raise ValueError(f"{name!r} is no place in the destination")
    if not isinstance(entry.number, int) or entry.number < 0:
        raise ValueError(f"{entry.number!r} is no number")
    if not isinstance(entry.root, str) or not isinstance(entry.source, str):
        raise ValueError(f"{entry.source!r} is no file")
    return entry


class Record:
    """What is known of one root's pictures, and the file where it is kept; made by `read_record`.

    `entry` may be asked from any thread, as long as nobody adds. Lines of other roots stay as they are.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self.problem = ""
        self.folder = folder
        self._path = folder / RECORD_NAME
        self._root = str(root)
        self._lines: dict[tuple[str, str], bytes] = {}
        self._numbers: dict[str, int] = {}
        self._next = 0
        self._is_to_be_written_anew = True
        self._stream: BufferedWriter | None = None
        self._skipped: list[bytes] = []

    def number_of(self, source: str) -> int:
        """The number the source has, or the next one that is free, which it then has."""
        if source not in self._numbers:
            self._numbers[source] = self._next
            self._next += 1
        return self._numbers[source]

    def entry(self, source: str) -> Entry | None:
        """What the source became in an earlier run."""
        line = self._lines.get((self._root, source))
        return None if line is None else _entry_of(line)

    @property
    def sources(self) -> frozenset[str]:
        """The sources of this root that became pictures in earlier runs."""
        entries = (_entry_of(line) for (root, _), line in self._lines.items() if root == self._root)
        return frozenset(entry.source for entry in entries if entry.files)

    @property
    def other_roots(self) -> frozenset[str]:
        """The other source folders whose pictures earlier runs put here, some of which may be gone."""
        return frozenset(root for root, _ in self._lines if root != self._root)

    def files(self) -> frozenset[str]:
        """The names of all files that earlier runs wrote into the destination."""
        names: set[str] = set()
        for line in self._lines.values():
            entry = _entry_of(line)
            names.update(entry.files, entry.texts)
        return frozenset(names)

    def add(self, entry: Entry) -> None:
        """Keep what became of a source; raises StorageError. The memory it takes is the disk's.

        A source that was skipped changes nothing about what it became before, and alone makes no file.
        """
        if not entry.files:
            if (entry.root, entry.source) in self._lines:
                return
            if self._stream is None:
                self._skipped.append(entry.to_line())
                return
        stream = self._opened()
        try:
            stream.write(b"".join((*self._skipped, entry.to_line())))
            stream.flush()
            self._skipped.clear()
        except OSError as error:
            raise self._unwritable(error) from error

    def close(self) -> None:
        """Make it durable; raises StorageError."""
        if self._stream is None:
            return
        try:
            with contextlib.closing(self._stream):
                os.fsync(self._stream.fileno())
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            self._stream = None

    def _opened(self) -> BufferedWriter:
        if self._stream is None:
            try:
                make_folder(self._path.parent)
                if self._is_to_be_written_anew:
                    write_atomically(self._path, _header_line() + b"".join(self._lines.values()))
                    self._is_to_be_written_anew = False
                self._stream = self._path.open("ab")
            except OSError as error:
                raise self._unwritable(error) from error
        return self._stream

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"Writing {self._path} failed: {error.strerror or error}. Free some disk space or choose a"
            " destination that can be written to; the pictures written so far stay."
        )

    def _take(self, data: bytes) -> None:
        """Take in the lines of the file."""
        header, *lines = data.splitlines(keepends=True) or [b""]
        if header != _header_line():
            self.problem = (
                f"The record of earlier runs, {self._path.name}, is damaged or not this program's: nothing is"
                " known to be done."
            )
            return
        torn = 0
        for line in lines:
            try:
                entry = _entry_of(line)
                if not line.endswith(b"\n"):
                    raise ValueError("torn")
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                torn += 1
                continue
            self._lines[entry.root, entry.source] = line
            self._next = max(self._next, entry.number + 1)
            if entry.root == self._root:
                self._numbers[entry.source] = entry.number
        self._is_to_be_written_anew = len(self._lines) != len(lines)
        if torn:
            self.problem = (
                f"{torn} lines of the record of earlier runs, {self._path.name}, can't be read: their"
                " pictures are made again."
            )


def _header_line() -> bytes:
    return json.dumps(_HEADER).encode("ascii") + b"\n"


def read_record(folder: Path, root: Path) -> Record:
    """The record in the destination `folder` of pictures from `root`; an empty one where there is none.

    One that can't be used counts as none; `problem` is then the sentence that says so.
    """
    record = Record(folder, root)
    try:
        record._take((folder / RECORD_NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError):  # writing there tells of the second
        return record
    except OSError as error:
        record.problem = (
            f"The record of earlier runs, {RECORD_NAME}, can't be read ({error.strerror}): nothing is known"
            " to be done."
        )
    return record
