"""A file's bytes, read once and only from a regular file of reasonable size."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .refusal import Refusal

__all__ = ["MAX_FILE_BYTES", "read_file"]

MAX_FILE_BYTES = 64 << 20
# Opening a pipe would wait for a writer, opening a terminal might adopt it; Windows has only O_BINARY.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def read_file(path: Path) -> bytes:
    """All bytes of the regular file at `path`, links followed.

    Raises Refusal for a folder, pipe, device or link without end, a file above `MAX_FILE_BYTES`, one whose
    size changes meanwhile, and one that can't be read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            _check_status(status)
            data = stream.read(status.st_size + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Refusal(
            f"no readable file ({reason})", "an embedding file", "Check the path and the permissions."
        ) from error
    if len(data) != status.st_size:
        raise Refusal("a file that is being written", "a finished one", "Try again when it is complete.")
    return data


def _check_status(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
        raise Refusal(kind, "a regular file", "Name the file itself.")
    if status.st_size > MAX_FILE_BYTES:
        raise Refusal(
            f"{status.st_size >> 20} MiB",
            f"at most {MAX_FILE_BYTES >> 20} MiB",
            "An embedding is small; a checkpoint or a LoRA belongs in the models folder.",
        )
    if status.st_size == 0:
        raise Refusal("an empty file", "an embedding")
