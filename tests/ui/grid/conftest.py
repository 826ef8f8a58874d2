"""A grid of two steps, two rows and two seeds, with files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from traintab.grid_scoring import ScoringSnapshot
from traintab.grids import GridCell, GridColumn, GridRow, GridSnapshot, GridState
from traintab.grids.scoring import Recommendation, StepScores


@pytest.fixture
def grid(tmp_path: Path) -> GridSnapshot:
    run = tmp_path / "2024-02-29" / "mira"
    run.mkdir(parents=True)
    cells = []
    for row in range(2):
        for column in range(2):
            for seed in (7, 8):
                path = run / f"{row}{column}{seed}.png"
                Image.new("RGB", (8, 8)).save(path)
                cells.append(GridCell(row=row, column=column, seed=seed, path=path))
    picture = run / "grid.png"
    Image.new("RGB", (8, 8)).save(picture)
    return GridSnapshot(
        number=3,
        state=GridState.FINISHED,
        embedding_name="mira",
        run=run,
        columns=(
            GridColumn(step=1000, path=run, evaluation_loss=0.2),
            GridColumn(step=2000, path=run, evaluation_loss=0.1, is_best=True),
        ),
        rows=(GridRow(title="photo", prompt="a photo of mira"), GridRow(title="hat", prompt="mira, hat")),
        seeds=(7, 8),
        cells=tuple(cells),
        picture=picture,
        message="Drew 8 pictures.",
        revision=9,
    )


@pytest.fixture
def scoring() -> ScoringSnapshot:
    return ScoringSnapshot(
        grid=3,
        name="cosine in dinov2-base",
        scores={
            1000: StepScores(likeness=0.25, diversity=0.5, evaluation_loss=0.2),
            2000: StepScores(likeness=0.75, diversity=0.4, evaluation_loss=0.1),
        },
        recommendation=Recommendation(step=2000, reason="Its likeness is the highest."),
        revision=4,
    )
