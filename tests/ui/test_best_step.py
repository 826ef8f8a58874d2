"""The best step: what is said of it, when it can be used, and what using it does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import NothingToDoError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.training.best import BestCheckpoint, write_best
from traintab.training.run_folder import RunFolder
from traintab.ui.best_step import best_html, can_use_best, use_best_step

ENDED = JobSnapshot(
    kind="train",
    status=JobStatus.FINISHED,
    step=1000,
    evaluations=((0, 0.5), (975, 0.25), (1000, 0.3)),
    best_step=975,
)


def test_the_best_step_is_told_with_its_loss() -> None:
    assert "Best evaluation: step 975 (loss 0.2500)." in best_html(ENDED)
    assert "step 1,000 (loss 0.2500), the newest." in best_html(
        replace(ENDED, best_step=1000, evaluations=((0, 0.5), (1000, 0.25)))
    )


@pytest.mark.parametrize("changed", [{"evaluations": (), "best_step": None}, {"kind": "preprocess"}])
def test_nothing_is_said_without_evaluations(changed: dict[str, Any]) -> None:
    assert best_html(replace(ENDED, **changed)) == ""


@pytest.mark.parametrize(
    ("changed", "can"),
    [
        ({}, True),
        ({"status": JobStatus.INTERRUPTED}, True),
        ({"status": JobStatus.FAILED}, True),
        ({"status": JobStatus.RUNNING}, False),
        ({"status": JobStatus.STOPPING}, False),
        ({"best_step": 1000}, False),
        ({"best_step": None}, False),
        ({"kind": "preprocess"}, False),
    ],
)
def test_it_can_be_used_when_the_run_rests_at_another_step(changed: dict[str, Any], can: bool) -> None:
    assert can_use_best(replace(ENDED, **changed)) is can


@pytest.fixture
def run(studio: Any, tmp_path: Path) -> RunFolder:
    """A run that ended at step 1000 and was best at 975; the embeddings folder holds its end, too."""
    run = RunFolder(path=tmp_path / "run", embedding_name="mira")
    embedding = studio.paths.embeddings_dir / "mira.pt"
    for step, path in ((975, run.checkpoint(975)), (1000, run.checkpoint(1000)), (1000, embedding)):
        path.parent.mkdir(parents=True, exist_ok=True)
        vectors = {"clip_l": torch.full((1, 32), float(step))}
        write_embedding(Embedding(name="mira", vectors=vectors, step=step), path)
    write_best(run, BestCheckpoint(step=975, loss=0.25, path=run.checkpoint(975)))
    return run


def test_using_it_makes_it_the_embedding_and_says_where_the_other_is(studio: Any, run: RunFolder) -> None:
    studio.job = replace(ENDED, folder=str(run.path))
    (message,) = use_best_step(studio)()
    assert "mira is step 975 of its training now." in message
    assert f"What it held before is kept as {run.checkpoint(1000)}." in message
    assert read_embedding(studio.paths.embeddings_dir / "mira.pt").step == 975
    assert read_embedding(run.checkpoint(1000)).step == 1000
    assert ("embeddings_changed", None) in studio.calls


def test_without_a_run_or_a_best_copy_it_is_refused(studio: Any, run: RunFolder) -> None:
    with pytest.raises(NothingToDoError, match="train with evaluations first"):
        use_best_step(studio)()
    run.checkpoint(975).unlink()
    studio.job = replace(ENDED, folder=str(run.path))
    with pytest.raises(NothingToDoError, match="its copy is gone"):
        use_best_step(studio)()
