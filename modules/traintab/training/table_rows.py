"""Reading the lines of a CSV table, of which a power failure may have left anything."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

__all__ = ["table_rows"]


def table_rows(lines: Iterable[str]) -> Iterator[list[str]]:
    """The fields of each line; a line that is no CSV is left out, and takes no other with it."""
    for line in lines:
        try:
            row = next(csv.reader([line]), [])
        except csv.Error:  # longer than any field may be; zeros too, in old versions of Python
            continue
        yield row
