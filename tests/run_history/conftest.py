"""Folders of runs, as a training leaves them; no model is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import TrainingConfig, replace_fields, to_yaml
from traintab.jobs import JobSnapshot
from traintab.paths import Paths
from traintab.run_history import RunHistory
from traintab.training.run_folder import FINISHED, UNFINISHED, RunFolder

MakeRun = Callable[..., RunFolder]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path / "data")


@pytest.fixture
def make_run(paths: Paths) -> MakeRun:
    """Makes a run's folder with a table of `steps` losses, a preview and a copy every 10 steps."""

    def make(
        place: str = "2024-02-29/mira",
        *,
        name: str = "mira",
        steps: int = 20,
        status: str = FINISHED,
        started: str = "2024-02-29T10:00:00+00:00",
        **settings: Any,
    ) -> RunFolder:
        run = RunFolder(path=paths.log_dir / place, embedding_name=name)
        for folder in ("embeddings", "images", "state"):
            (run.path / folder).mkdir(parents=True)
        wanted = {"steps": 40, "data_dir": "pictures", "write_csv_every": 1, **settings}
        config = replace_fields(TrainingConfig(embedding_name=name), wanted)
        run.write(run.run_yaml, to_yaml(config).encode())
        rows = [f"{step},0,{step - 1},{1 / step:.7f},0.005" for step in range(1, steps + 1)]
        run.write(run.loss_table, "\n".join(["step,epoch,epoch_step,loss,learn_rate", *rows, ""]).encode())
        for step in range(10, steps + 1, 10):
            Image.new("RGB", (64, 64), (step, 0, 0)).save(run.preview(step))
            run.checkpoint(step).write_bytes(b"vectors")
        facts = {"embedding_name": name, "status": status, "started": started}
        run.write(run.status_file, json.dumps(facts).encode())
        return run

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
