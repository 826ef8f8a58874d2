"""A file's bytes, read once and only from a regular file of reasonable size."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .refusal import Refusal

__all__ = ["MAX_FILE_BYTES", "open_regular", "read_file"]

MAX_FILE_BYTES = 64 << 20
# Opening a pipe would wait for a writer, opening a terminal might adopt it; Windows has only O_BINARY.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def read_file(path: Path, *, within: Path | None = None) -> bytes:
    """All bytes of the regular file at `path`.

    Links are followed; with a folder `within` only to places inside that folder. Raises Refusal for a folder,
    pipe, device or link without end, a file above `MAX_FILE_BYTES`, one whose size changes meanwhile, and
    one that can't be read.
    """
    try:
        descriptor = _descriptor(path, within)
        try:
            size = _checked_size(os.fstat(descriptor), MAX_FILE_BYTES)
            data = os.read(descriptor, size + 1)
            while len(data) < size and (more := os.read(descriptor, size + 1 - len(data))):
                data += more  # some network file systems give less than was asked for
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    if len(data) != size:
        raise Refusal("a file that is being written", "a finished one", "Try again when it is complete.")
    return data


@contextlib.contextmanager
def open_regular(
    path: Path, *, within: Path | None = None, limit: int = MAX_FILE_BYTES
) -> Iterator[tuple[BinaryIO, int]]:
    """The regular file at `path`, open, and its size in bytes; Refusal as `read_file` says."""
    try:
        with os.fdopen(_descriptor(path, within), "rb") as stream:
            yield stream, _checked_size(os.fstat(stream.fileno()), limit)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error


def _descriptor(path: Path, within: Path | None) -> int:
    if within is None:
        return os.open(path, _FLAGS)
    real = os.path.realpath(path)
    if not Path(real).is_relative_to(os.path.realpath(within)):
        raise Refusal(
            "a link that leads out of the folder",
            "a file inside it",
            "Copy the file itself into the folder.",
        )
    # What became a link since then isn't followed.
    return os.open(real, _FLAGS | getattr(os, "O_NOFOLLOW", 0))


def _unreadable(error: OSError | ValueError) -> Refusal:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Refusal(f"no readable file ({reason})", "an embedding file", "Check the path and the permissions.")


def _checked_size(status: os.stat_result, limit: int) -> int:
    """The size in bytes of what was opened; Refusal unless it is a regular file of 1 to `limit` bytes."""
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
        raise Refusal(kind, "a regular file", "Name the file itself.")
    if status.st_size > limit:
        raise Refusal(
            f"{status.st_size >> 20} MiB",
            f"at most {limit >> 20} MiB",
            "An embedding is small; a checkpoint or a LoRA belongs in the models folder.",
        )
    if status.st_size == 0:
        raise Refusal("an empty file", "an embedding")
    return status.st_size
