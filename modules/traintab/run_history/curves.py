"""The curves of a run, from its tables and from what the job's record remembers."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..jobs.series import Series

__all__ = ["Points", "RunCurves", "newest_rows", "read_points"]

Points = Sequence[tuple[int, float]]

_MOST_BYTES = 64_000_000
_TAIL_BYTES = 8192


@dataclass(frozen=True, kw_only=True)
class RunCurves:
    """(step, loss) points in order, less than a thousand each: of single steps, and on the evaluation set."""

    losses: tuple[tuple[int, float], ...] = ()
    evaluations: tuple[tuple[int, float], ...] = ()

    @property
    def best_step(self) -> int | None:
        """The step with the lowest loss on the evaluation set."""
        return min(self.evaluations, key=lambda point: point[1])[0] if self.evaluations else None


def read_points(table: Path, *, column: str = "loss", thinned: bool = True) -> tuple[tuple[int, float], ...]:
    """The (step, value) points of a CSV table with a head; none of a missing one.

    Rows that are torn, or have no finite value there, are left out. Of several rows for one step the last
    counts: a resumed run of old wrote some twice.
    """
    found = _points(_lines(table), column)
    return Series(found).points if thinned else tuple(found)


def newest_rows(table: Path, *, column: str = "loss") -> list[tuple[int, float]]:
    """The last few dozen points of a table, without reading the rest of it."""
    try:
        with table.open("rb") as stream:
            head = stream.readline(500)
            start = max(len(head), stream.seek(0, 2) - _TAIL_BYTES)
            stream.seek(start)
            tail = stream.read()
    except OSError:
        return []
    text = (head + tail.partition(b"\n")[2] if start > len(head) else head + tail).decode("utf-8", "replace")
    return _points(text.splitlines(), column)


def _lines(table: Path) -> list[str]:
    try:
        with table.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _points(lines: list[str], column: str) -> list[tuple[int, float]]:
    rows = (next(csv.reader([line]), []) for line in lines if "\0" not in line)
    head = [name.strip() for name in next(rows, [])]
    if "step" not in head or column not in head:
        return []
    step_at, value_at = head.index("step"), head.index(column)
    found: dict[int, float] = {}
    for row in rows:
        point = _point(row[step_at], row[value_at]) if len(row) == len(head) else None
        if point is not None:
            found[point[0]] = point[1]
    return sorted(found.items())


def _point(step: str, value: str) -> tuple[int, float] | None:
    try:
        number = float(value)
    except ValueError:
        return None
    if not (step.isascii() and step.isdecimal() and len(step) < 12 and math.isfinite(number)):
        return None
    return int(step), number
