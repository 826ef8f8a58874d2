"""The facts of a run, for listeners that hear of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from traintab.configs import TrainingConfig, replace_fields
from traintab.training.record import RunRecord
from traintab.training.run_folder import new_run_folder


@pytest.fixture
def make_record(tmp_path: Path) -> Callable[..., RunRecord]:
    """A new run of `cat` with these settings, by their names in run.yaml."""

    def make(**fields: Any) -> RunRecord:
        return RunRecord(
            config=replace_fields(TrainingConfig(embedding_name="cat"), fields),
            folder=new_run_folder(tmp_path, "cat"),
            target=tmp_path / "cat.pt",
            model_name="m",
            model_hash="0123456789",
            num_images=5,
            start_step=0,
        )

    return make
