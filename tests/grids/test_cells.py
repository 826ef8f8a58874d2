"""The pictures of grids stay as long as there is place, those that were wanted last the longest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from traintab.grids.cells import CellShelf
from traintab.training.run_folder import RunFolder


def picture(run: RunFolder, name: str, hour: int, size: int = 100) -> Path:
    """A file of so many bytes that was wanted last in the hour `hour`."""
    path = run.grids_dir / "cells" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (3600 * hour, 3600 * hour))
    return path


def cell(run: RunFolder, number: int, hour: int) -> Path:
    return picture(run, f"{number}-1-{number:020x}.png", hour)


def test_the_pictures_that_nobody_wanted_for_longest_go_first(tmp_path: Path) -> None:
    run = RunFolder(path=tmp_path, embedding_name="mira")
    shelf, cells = CellShelf(run), [cell(run, number, hour) for number, hour in enumerate((3, 1, 4, 2))]
    shelf.prune([], most_bytes=400)
    assert all(path.is_file() for path in cells)
    shelf.prune([], most_bytes=399)
    assert [path.is_file() for path in cells] == [True, False, True, True]
    shelf.prune([], most_bytes=110)
    assert [path.is_file() for path in cells] == [False, False, True, False]


def test_what_the_grid_shows_and_what_is_somebody_else_s_stays(tmp_path: Path) -> None:
    run = RunFolder(path=tmp_path, embedding_name="mira")
    used, unused = cell(run, 1, 1), cell(run, 2, 2)
    mine = picture(run, "my favourite.png", 0)
    CellShelf(run).prune([used], most_bytes=0)
    assert (used.is_file(), unused.is_file(), mine.is_file()) == (True, False, True)


def test_a_run_without_pictures_has_none_to_remove(tmp_path: Path) -> None:
    CellShelf(RunFolder(path=tmp_path, embedding_name="mira")).prune([], most_bytes=0)
    assert list(tmp_path.iterdir()) == []


def test_a_grid_makes_place_and_takes_its_own_pictures_for_wanted(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {cell.path for cell in bench.draw(grid_first_seed=1).cells}
    for path in first:
        os.utime(path, (0, 0))
    assert {cell.path for cell in bench.draw(grid_first_seed=1).cells} == first
    assert all(path.stat().st_mtime > 0 for path in first)

    monkeypatch.setattr(CellShelf.prune, "__defaults__", (0,))
    last = bench.draw(grid_first_seed=9)
    assert last.error == "" and all(cell.path.is_file() for cell in last.cells)
    assert not any(path.exists() for path in first)
