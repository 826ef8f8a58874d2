"""Runs in the log directory of the studio that has no model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from traintab.run_history import RunStatus, RunSummary
from traintab.training.run_folder import RunFolder

MakeRun = Callable[..., RunFolder]


@pytest.fixture
def make_run(studio: Any, made_run: MakeRun) -> MakeRun:
    """Makes the folder of a run of 20 steps with two previews and two copies."""

    def make(place: str = "2024-02-29/mira", *, hour: int = 10, **wanted: Any) -> RunFolder:
        facts = {"started": f"2024-02-29T{hour:02}:00:00"}
        return made_run(studio.paths.log_dir, place, facts=facts, width=768, **wanted)

    return make


@pytest.fixture
def summary() -> RunSummary:
    """A finished run whose files are nowhere."""
    return RunSummary(
        place="2024-02-29/mira",
        path=Path("/log/2024-02-29/mira"),
        name="mira",
        status=RunStatus.FINISHED,
        step=1234,
        total_steps=1500,
        started=datetime(2024, 2, 29, 10, 5),
        loss=0.125,
        best_step=1000,
        best_loss=0.0912,
        model="sd15",
    )
