"""The last rows of a table of losses, without reading the rest of it."""

from __future__ import annotations

import math
from pathlib import Path

from ..training.table_rows import table_rows

__all__ = ["newest_rows"]

_TAIL_BYTES = 8192
_HEAD_BYTES = 500


def newest_rows(table: Path) -> list[tuple[int, float]]:
    """The (step, loss) points of the last few dozen rows, in order; none of a missing table.

    Rows that are torn, or have no finite loss, are left out.
    """
    try:
        with table.open("rb") as stream:
            head = stream.readline(_HEAD_BYTES)
            start = max(len(head), stream.seek(0, 2) - _TAIL_BYTES)
            stream.seek(start)
            tail = stream.read()
    except OSError:
        return []
    if start > len(head):
        tail = tail.partition(b"\n")[2]  # it begins within a row
    return _points((head + tail).decode("utf-8", "replace").splitlines())


def _points(lines: list[str]) -> list[tuple[int, float]]:
    rows = table_rows(line for line in lines if "\0" not in line)
    head = [name.strip() for name in next(rows, [])]
    if "step" not in head or "loss" not in head:
        return []
    step_at, loss_at = head.index("step"), head.index("loss")
    points = (_point(row[step_at], row[loss_at]) for row in rows if len(row) == len(head))
    return sorted(dict(point for point in points if point is not None).items())


def _point(step: str, loss: str) -> tuple[int, float] | None:
    try:
        number = float(loss)
    except ValueError:
        return None
    if not (step.isascii() and step.isdecimal() and len(step) < 12 and math.isfinite(number)):
        return None
    return int(step), number
