"""What a program did to a folder, in order: the writes, flushes and renames that a power failure may spoil.

Only the calls of `os` that change or flush directories are watched. What was written into files between two
of them is seen by looking, so it doesn't matter by which layers of Python it was written; and a change that
nothing explains is an error, so no call is missed unnoticed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

__all__ = ["Flush", "FlushFolder", "Made", "Op", "Promise", "Recording", "Removed", "Renamed", "Written"]


@dataclass(frozen=True)
class Made:
    """A new name in a folder: of the file numbered `file`, or of a folder when that is None."""

    path: str
    file: int | None


@dataclass(frozen=True)
class Written:
    """A file's whole content after something was written to it."""

    file: int
    content: bytes


@dataclass(frozen=True)
class Renamed:
    """A file's name became another, which may have been another file's."""

    path: str
    to: str


@dataclass(frozen=True)
class Removed:
    """A name that was taken away."""

    path: str


@dataclass(frozen=True)
class Flush:
    """fsync of a file."""

    file: int


@dataclass(frozen=True)
class FlushFolder:
    """fsync of a folder: its names are on the disk."""

    path: str


@dataclass(frozen=True)
class Promise:
    """`write_atomically` returned: from here on this file holds this content, or a newer one."""

    path: str
    content: bytes


Op = Made | Written | Renamed | Removed | Flush | FlushFolder | Promise


class Recording:
    """Watches `root` inside `with recording.running():`; `ops` is what happened there.

    Paths are relative to `root`, with slashes; of what lies directly in it, `ignoring` is left out. `before`
    is what lay there at the beginning, by path; None stands for a folder. Files are numbered in the order in
    which they came; those of `before` come first.
    """

    def __init__(self, root: Path, ignoring: Collection[str] = ()) -> None:
        self.root = root
        self._ignoring = ignoring
        self.ops: list[Op] = []
        self._files: dict[str, tuple[int, int]] = {}  # path: our number, the system's
        self._contents: dict[int, bytes] = {}
        self._count = 0
        self.before = self._seen()
        self._folders = {path for path, content in self.before.items() if content is None}
        for path, content in self.before.items():
            if content is not None:
                self._known(path, content)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch everything that this process does to the folder."""
        with (
            mock.patch.multiple(
                os,
                mkdir=self._changing(os.mkdir, self._made_folder),
                rename=self._changing(os.rename, self._renamed),
                replace=self._changing(os.replace, self._renamed),
                unlink=self._changing(os.unlink, self._removed),
                remove=self._changing(os.remove, self._removed),
                rmdir=self._changing(os.rmdir, self._removed),
                fsync=self._flushing(os.fsync),
            ),
            self._promises(),
        ):
            yield
        self.look()

    def look(self) -> None:
        """See what was written into files since the last time."""
        seen = self._seen()
        missing = (self._files.keys() | self._folders) - seen.keys()
        folders = {path for path, content in seen.items() if content is None} - self._folders
        if missing or folders:
            raise AssertionError(f"Changed without being seen: {sorted(missing | folders)}")
        for path, content in seen.items():
            if content is not None:
                self._look_at(path, content)

    def _look_at(self, path: str, content: bytes) -> None:
        number = self._files.get(path, (None, None))[1]
        if number is not None and number != self._inode(path):
            raise AssertionError(f"{path} became another file without being seen")
        if number is None:
            self.ops.append(Made(path, self._known(path, b"")))
        file = self._files[path][0]
        if self._contents[file] != content:
            self._contents[file] = content
            self.ops.append(Written(file, content))

    def _known(self, path: str, content: bytes) -> int:
        """Give a file its number."""
        self._files[path] = (self._count, self._inode(path))
        self._contents[self._count] = content
        self._count += 1
        return self._count - 1

    def _inode(self, path: str) -> int:
        return (self.root / path).stat().st_ino

    def _seen(self) -> dict[str, bytes | None]:
        """All that lies in the folder now."""
        found = {name: path for path in sorted(self.root.rglob("*")) if (name := self._name(path))}
        return {name: None if path.is_dir() else path.read_bytes() for name, path in found.items()}

    def _name(self, path: object) -> str:
        """The path as the recording tells it; empty for the folder itself, and for what is outside."""
        whole = Path(os.path.abspath(os.fspath(path)))  # type: ignore[call-overload]  # noqa: PTH100
        if self.root not in whole.parents:
            return ""
        name = whole.relative_to(self.root)
        return "" if name.parts[0] in self._ignoring else name.as_posix()

    def _changing(self, real: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def call(*paths: Any, **options: Any) -> Any:
            self.look()
            result = real(*paths, **options)
            note(*(self._name(path) for path in paths if not isinstance(path, int)))
            return result

        return call

    def _made_folder(self, path: str) -> None:
        if path:
            self._folders.add(path)
            self.ops.append(Made(path, None))

    def _renamed(self, path: str, to: str) -> None:
        if path and to:
            self._files[to] = self._files.pop(path)
            self.ops.append(Renamed(path, to))

    def _removed(self, path: str) -> None:
        if path:
            self._files.pop(path, None)
            self._folders.discard(path)
            self.ops.append(Removed(path))

    def _flushing(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def call(descriptor: int) -> None:
            self.look()
            real(descriptor)
            number = os.fstat(descriptor).st_ino
            self.ops += [Flush(file) for file, inode in self._files.values() if inode == number]
            folders = [path for path in {".", *self._folders} if self._inode(path) == number]
            self.ops += [FlushFolder("" if path == "." else path) for path in folders]

        return call

    @contextmanager
    def _promises(self) -> Iterator[None]:
        """Note each return of `write_atomically`, whichever module holds it."""
        from traintab import files

        real = files.write_atomically

        def write(path: Path, data: bytes, *, durable: bool = True) -> None:
            real(path, data, durable=durable)
            if durable and (name := self._name(path)):
                self.ops.append(Promise(name, data))

        holders = [m for m in list(sys.modules.values()) if vars(m).get("write_atomically") is real]
        for module in holders:
            module.write_atomically = write  # type: ignore[attr-defined]
        try:
            yield
        finally:
            for module in holders:
                module.write_atomically = real  # type: ignore[attr-defined]
