"""The last grid on disk, so that a restarted program shows it again."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..configs import GridConfig, from_mapping, to_mapping
from ..errors import ConfigError, StorageError
from ..files import write_atomically
from .snapshot import GridCell, GridColumn, GridRow, GridSnapshot, GridState

__all__ = ["load_snapshot", "save_snapshot"]

_LOGGER = logging.getLogger(__name__)
_BROKEN_OFF = "The program ended meanwhile; compare the steps again to go on."
_MOST_BYTES = 16_000_000


def save_snapshot(snapshot: GridSnapshot, file: Path) -> None:
    """Write what can be shown of a grid; that it can't be written is told in the log only."""
    facts = {
        "state": snapshot.state.value,
        "config": None if snapshot.config is None else to_mapping(snapshot.config),
        "embedding_name": snapshot.embedding_name,
        "run": snapshot.run,
        "columns": [dataclasses.asdict(column) for column in snapshot.columns],
        "rows": [dataclasses.asdict(row) for row in snapshot.rows],
        "seeds": snapshot.seeds,
        "cells": [dataclasses.asdict(cell) for cell in snapshot.cells],
        "picture": snapshot.picture,
        "message": snapshot.message,
        "notes": snapshot.notes,
        "error": snapshot.error,
    }
    try:
        write_atomically(file, json.dumps(facts, default=str).encode("ascii"), durable=False)
    except StorageError as error:
        _LOGGER.warning("%s", error)


def load_snapshot(file: Path) -> GridSnapshot:
    """The grid that was saved last; an idle one when there is none, or when its run is gone.

    One that was being drawn is *interrupted*; pictures that are gone are left out.
    """
    try:
        with file.open("rb") as stream:
            facts = json.loads(stream.read(_MOST_BYTES))
        return _snapshot(facts)
    except (
        OSError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        ConfigError,
    ):
        return GridSnapshot()  # nothing was lost: the pictures are in the run's folder


def _snapshot(facts: Mapping[str, Any]) -> GridSnapshot:
    run, state = Path(facts["run"]), GridState(facts["state"])
    columns = tuple(GridColumn(**{**one, "path": Path(one["path"])}) for one in facts["columns"])
    rows = tuple(GridRow(**one) for one in facts["rows"])
    seeds = tuple(int(seed) for seed in facts["seeds"])
    cells = (GridCell(**{**one, "path": Path(one["path"])}) for one in facts["cells"])
    kept = tuple(cell for cell in cells if cell.path.is_file() and _is_inside(cell, columns, rows, seeds))
    picture = Path(facts["picture"]) if facts["picture"] else None
    if not run.is_dir() or not kept:
        return GridSnapshot()
    was_active = state.is_active
    return GridSnapshot(
        number=1,
        state=GridState.INTERRUPTED if was_active else state,
        config=from_mapping(GridConfig, facts["config"]),
        embedding_name=str(facts["embedding_name"]),
        run=run,
        columns=columns,
        rows=rows,
        seeds=seeds,
        cells=kept,
        picture=picture if picture is not None and picture.is_file() else None,
        message=_BROKEN_OFF if was_active else str(facts["message"]),
        notes=tuple(str(note) for note in facts["notes"]),
        error=str(facts["error"]),
        revision=1,
    )


def _is_inside(
    cell: GridCell, columns: tuple[GridColumn, ...], rows: tuple[GridRow, ...], seeds: tuple[int, ...]
) -> bool:
    return 0 <= cell.row < len(rows) and 0 <= cell.column < len(columns) and cell.seed in seeds
