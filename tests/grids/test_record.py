from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.configs import GridConfig
from traintab.grids import GridCell, GridColumn, GridRow, Grids, GridSnapshot, GridState
from traintab.grids.record import load_snapshot, save_snapshot


@pytest.fixture
def drawn(tmp_path: Path) -> GridSnapshot:
    """A finished grid whose files are there."""
    run = tmp_path / "run"
    run.mkdir()
    paths = [run / f"{column}.png" for column in range(2)]
    for path in (*paths, run / "whole.png"):
        path.write_bytes(b"picture")
    return GridSnapshot(
        number=7,
        state=GridState.FINISHED,
        config=GridConfig(embedding_name="mira", grid_first_seed=3),
        embedding_name="mira",
        run=run,
        columns=tuple(
            GridColumn(step=step, path=run / f"mira-{step}.pt", evaluation_loss=loss, is_best=not loss)
            for step, loss in ((10, 0.5), (20, None))
        ),
        rows=(GridRow(title="夏", prompt="mira", guidance_scale=3.5, model="tiny"),),
        seeds=(3,),
        cells=tuple(
            GridCell(row=0, column=column, seed=3, path=path, infotext="mira\nSteps: 1")
            for column, path in enumerate(paths)
        ),
        picture=run / "whole.png",
        message="Drew 2 pictures.",
        notes=("A note.",),
        revision=99,
    )


def test_a_grid_is_shown_again_as_it_was(drawn: GridSnapshot, tmp_path: Path) -> None:
    save_snapshot(drawn, tmp_path / "grid.json")
    assert load_snapshot(tmp_path / "grid.json") == replace(drawn, number=1, revision=1)


def test_one_that_was_being_drawn_is_interrupted(drawn: GridSnapshot, tmp_path: Path) -> None:
    save_snapshot(replace(drawn, state=GridState.DRAWING, picture=None), tmp_path / "grid.json")
    again = load_snapshot(tmp_path / "grid.json")
    assert again.state is GridState.INTERRUPTED and again.message.startswith("The program ended meanwhile")


def test_what_is_gone_is_left_out(drawn: GridSnapshot, tmp_path: Path) -> None:
    save_snapshot(drawn, tmp_path / "grid.json")
    drawn.cells[0].path.unlink()
    (tmp_path / "run" / "whole.png").unlink()
    again = load_snapshot(tmp_path / "grid.json")
    assert (again.cells, again.picture) == (drawn.cells[1:], None)
    shutil.rmtree(tmp_path / "run")
    assert load_snapshot(tmp_path / "grid.json") == GridSnapshot()


KEYS = st.sampled_from(["run", "columns", "rows", "seeds", "cells", "config", "state", "picture", "notes"])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KEYS, JSON)
def test_a_broken_record_keeps_nobody_from_starting(
    drawn: GridSnapshot, tmp_path: Path, key: str, value: Any
) -> None:
    file = tmp_path / "grid.json"
    save_snapshot(drawn, file)
    facts = json.loads(file.read_text())
    file.write_text(json.dumps({**facts, key: value}))
    again = load_snapshot(file)
    assert all(
        cell.row < len(again.rows) and cell.column < len(again.columns) and cell.seed in again.seeds
        for cell in again.cells
    )


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "{}", "[" * 100_000])
def test_what_is_no_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "grid.json").write_text(text)
    assert load_snapshot(tmp_path / "grid.json") == GridSnapshot()
    assert load_snapshot(tmp_path / "none.json") == GridSnapshot()


def test_a_restarted_program_shows_the_last_grid_and_goes_on_counting(bench: Any, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "grid.json"
    before = Grids(bench._means, file)
    before.start(bench.config())
    last = before.wait(60)
    after = Grids(bench._means, file)

    shown = after.snapshot()
    assert (shown.state, shown.cells, shown.picture) == (GridState.FINISHED, last.cells, last.picture)
    assert after.use_step(2).step == 2
    assert after.start(bench.config()).number == 2
    assert after.wait(60).message == "All 3 pictures were drawn before."
