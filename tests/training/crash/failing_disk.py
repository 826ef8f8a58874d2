"""A disk that fails at one call, or from one call on: full, or broken."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

__all__ = ["FailingDisk"]


class FailingDisk:
    """Counts what is asked of the disk inside `with disk.running():`, and fails at call number `at`.

    `number` is the system's: ENOSPC or EIO. With `lasting` all calls from there on fail. A write that fails
    has written half of its data. `calls` are the kinds of the calls so far and the names of the files or
    folders that they were for (of a file without a name, its folder's), `failed` those that failed. To make
    a folder that is there already is a kind of its own, "mkdir again".
    """

    def __init__(self, at: int | None = None, number: int = 0, *, lasting: bool = False) -> None:
        self._at = at
        self._number = number
        self._lasting = lasting
        self.calls: list[tuple[str, str]] = []
        self.failed: list[tuple[str, str]] = []
        self._opened: dict[int, str] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let everything that this process writes go to this disk."""
        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(os, "mkdir", self._making_folder(os.mkdir)))
            for name, position in (("replace", 1), ("fsync", 0)):
                asking = self._asking(name, position, getattr(os, name))
                stack.enter_context(mock.patch.object(os, name, asking))
            stack.enter_context(mock.patch.object(os, "fdopen", self._opening(os.fdopen)))
            stack.enter_context(mock.patch.object(os, "open", self._making(os.open)))
            stack.enter_context(mock.patch.object(io, "open", self._opening(io.open)))
            yield

    def fails(self, kind: str, file: str | Path | int) -> bool:
        """Count a call for a path or an open file; whether it is to fail."""
        call = (kind, self._opened[file] if isinstance(file, int) else Path(file).name)
        self.calls.append(call)
        now = len(self.calls) - 1
        is_due = self._at is not None and (now == self._at or (self._lasting and now > self._at))
        if is_due:
            self.failed.append(call)
        return is_due

    def error(self) -> OSError:
        """What the system says."""
        return OSError(self._number, os.strerror(self._number))

    def _asking(self, kind: str, position: int, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if self.fails(kind, arguments[position]):
                raise self.error()
            return real(*arguments, **options)

        return call

    def _making_folder(self, real: Callable[..., None]) -> Callable[..., None]:
        def call(path: Any, *others: Any, **options: Any) -> None:
            if self.fails("mkdir again" if Path(path).is_dir() else "mkdir", path):
                raise self.error()
            real(path, *others, **options)

        return call

    def _making(self, real: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, flags: int, *others: Any, **options: Any) -> int:
            if flags & os.O_CREAT and self.fails("create", path):
                raise self.error()
            opened = real(path, flags, *others, **options)
            self._opened[opened] = Path(path).name
            return opened

        return call

    def _opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, mode: str = "r", *others: Any, **options: Any) -> Any:
            stream = real(file, mode, *others, **options)
            if not isinstance(file, int):
                self._opened[stream.fileno()] = Path(file).name
            return _Stream(stream, self) if set(mode) & set("wax+") else stream

        return call


class _Stream:
    """A file open for writing, on a failing disk."""

    def __init__(self, stream: Any, disk: FailingDisk) -> None:
        self._stream = stream
        self._disk = disk

    def write(self, data: Any) -> Any:
        """Write all of it, or half."""
        if self._disk.fails("write", self._stream.fileno()):
            self._stream.write(data[: len(data) // 2])
            self._stream.flush()
            raise self._disk.error()
        return self._stream.write(data)

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
