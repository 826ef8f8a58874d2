"""Folders of runs, as a training leaves them; no model is needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from traintab.jobs import JobSnapshot
from traintab.paths import Paths
from traintab.run_history import RunHistory
from traintab.training.run_folder import FINISHED, UNFINISHED, RunFolder

MakeRun = Callable[..., RunFolder]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path / "data")


@pytest.fixture
def make_run(paths: Paths, made_run: MakeRun) -> MakeRun:
    """Makes a run of 20 steps of the 40 it wanted, unless told otherwise; its copies are no embeddings."""

    def make(
        place: str = "2024-02-29/mira",
        *,
        steps: int = 20,
        status: str = FINISHED,
        started: str = "",
        **wanted: Any,
    ) -> RunFolder:
        facts = {"status": status, **({"started": started} if started else {})}
        settings = {"steps": 40, "write_csv_every": 1, **wanted}
        return made_run(paths.log_dir, place, trained=steps, facts=facts, **settings)

    return make


@pytest.fixture
def unfinished() -> str:
    return UNFINISHED


@pytest.fixture
def jobs() -> list[JobSnapshot]:
    """The last one is what the studio's worker says now."""
    return [JobSnapshot()]


@pytest.fixture
def history(paths: Paths, jobs: list[JobSnapshot]) -> RunHistory:
    return RunHistory(paths=lambda: paths, snapshot=lambda: jobs[-1])
