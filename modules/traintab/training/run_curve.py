"""A run's curves as the files in its folder hold them: for a run that nobody remembers any more."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from .run_folder import RunFolder
from .table_rows import table_rows

__all__ = ["RunCurve", "read_run_curve"]

_COPIES, _PREVIEWS = "saved", "preview"


@dataclass(frozen=True, kw_only=True)
class RunCurve:
    """`losses`, `rates` and `evaluations` are (step, value) pairs in order, `marks` (step, what) pairs.

    A rate holds from its step on; a mark is "saved" or "preview". `best_step` has the lowest evaluation.
    """

    losses: tuple[tuple[int, float], ...] = ()
    rates: tuple[tuple[int, float], ...] = ()
    evaluations: tuple[tuple[int, float], ...] = ()
    best_step: int | None = None
    marks: tuple[tuple[int, str], ...] = ()


def read_run_curve(folder: Path, *, until: int | None = None) -> RunCurve:
    """The curves up to the step `until`, as far as the files can be read; a missing file is an empty curve.

    The losses are those of the table, a row every so many steps.
    """
    run = RunFolder(path=folder, embedding_name=RunFolder(path=folder, embedding_name="").trained_name)
    losses = _column(run.loss_table, "loss", until)
    evaluations = _column(run.evaluation_table, "loss", until)
    return RunCurve(
        losses=losses,
        rates=_changes(_column(run.loss_table, "learn_rate", until)),
        evaluations=evaluations,
        best_step=min(evaluations, key=lambda point: point[1])[0] if evaluations else None,
        marks=tuple(
            sorted({*_marks(run, "embeddings", _COPIES, until), *_marks(run, "images", _PREVIEWS, until)})
        ),
    )


def _column(table: Path, name: str, until: int | None) -> tuple[tuple[int, float], ...]:
    """The steps with a finite number in a column, in their order; torn and foreign rows are left out."""
    try:
        lines = table.read_text(encoding="utf-8", errors="replace").replace("\0", "").splitlines()
    except OSError:
        return ()
    rows = table_rows(lines)
    head = next(rows, [])
    found: dict[int, float] = {}
    for row in rows:
        try:
            step, value = int(row[head.index("step")]), float(row[head.index(name)])
        except (IndexError, ValueError):
            continue
        if math.isfinite(value) and (until is None or step <= until):
            found[step] = value
    return tuple(sorted(found.items()))


def _changes(points: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    """The points whose value is another than the one before."""
    return tuple(point for index, point in enumerate(points) if not index or points[index - 1][1] != point[1])


def _marks(run: RunFolder, folder: str, kind: str, until: int | None) -> set[tuple[int, str]]:
    """The steps in the names of the files `<name>-<step>.…`, or `<name>-<step>-<number>.…`."""
    pattern = re.compile(rf"{re.escape(run.embedding_name)}-(\d+)(-\d+)?\.\w+")
    try:
        names = [path.name for path in (run.path / folder).iterdir()]
    except OSError:
        return set()
    steps = {int(match[1]) for name in names if (match := pattern.fullmatch(name))}
    return {(step, kind) for step in steps if until is None or step <= until}
