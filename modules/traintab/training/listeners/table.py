"""CSV tables that grow by a row at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from ...errors import StorageError

__all__ = ["append_row", "csv_text"]


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """The rows as CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def append_row(table: Path, row: Iterable[str], what: str) -> None:
    """Add a row to a table that exists; raises StorageError, which says that writing `what` failed."""
    try:
        # Not "a": that would bring back a table whose folder was taken away, without its head.
        with table.open("r+", encoding="utf-8", newline="") as stream:
            stream.seek(0, io.SEEK_END)
            stream.write(csv_text([row]))
    except OSError as error:
        raise StorageError(
            f"Writing {what} to {table} failed: {error.strerror or error}. Free some disk space, or bring the"
            " run's folder back."
        ) from error
