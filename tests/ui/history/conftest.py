"""Runs in the log directory of the studio that has no model."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import TrainingConfig, replace_fields, to_yaml
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.run_history import RunStatus, RunSummary
from traintab.training.run_folder import FINISHED, RunFolder

MakeRun = Callable[..., RunFolder]


@pytest.fixture
def make_run(studio: Any) -> MakeRun:
    """Makes the folder of a run of 20 steps with two previews and two copies."""

    def make(
        place: str = "2024-02-29/mira", *, name: str = "mira", hour: int = 10, **settings: Any
    ) -> RunFolder:
        run = RunFolder(path=studio.paths.log_dir / place, embedding_name=name)
        for folder in ("images", "state"):
            (run.path / folder).mkdir(parents=True)
        wanted = {"steps": 20, "data_dir": "pictures", **settings}
        config = replace_fields(TrainingConfig(embedding_name=name), wanted)
        run.write(run.run_yaml, to_yaml(config).encode())
        rows = [f"{step},0,{step},{1 / step:.4f},0.005" for step in range(1, 21)]
        run.write(run.loss_table, "\n".join(["step,epoch,epoch_step,loss,learn_rate", *rows, ""]).encode())
        for step in (10, 20):
            Image.new("RGB", (64, 64), (step, 0, 0)).save(run.preview(step))
            vectors = {"clip_l": torch.full((2, 768), float(step))}
            write_embedding(Embedding(name=name, vectors=vectors, step=step), run.checkpoint(step))
        facts = {"embedding_name": name, "status": FINISHED, "started": f"2024-02-29T{hour:02}:00:00"}
        run.write(run.status_file, json.dumps(facts).encode())
        return run

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
