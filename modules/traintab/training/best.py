"""Which copy of a run is the best by its evaluations, and making it the embedding."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from .run_folder import RunFolder

__all__ = ["BestCheckpoint", "read_best", "write_best"]


@dataclass(frozen=True, kw_only=True)
class BestCheckpoint:
    """The copy in `path` holds the vectors of `step`, whose loss on the evaluation set is the lowest."""

    step: int
    loss: float
    path: Path


def write_best(run: RunFolder, best: BestCheckpoint) -> None:
    """Write `best.json`; raises StorageError."""
    # With a path from the run's folder on, so that the folder may be moved.
    place = best.path.relative_to(run.path).as_posix()
    facts = {"step": best.step, "loss": best.loss, "path": place}
    run.write(run.best_file, json.dumps(facts, indent=4).encode("utf-8"))


def read_best(run: RunFolder) -> BestCheckpoint | None:
    """What `best.json` says; None when there is none, when it isn't ours or when the copy is gone."""
    try:
        facts = json.loads(run.best_file.read_text(encoding="utf-8"))
        step, loss, path = int(facts["step"]), float(facts["loss"]), run.path / str(facts["path"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_a_copy = path.parent == run.path / "embeddings" and path.is_file()
    return BestCheckpoint(step=step, loss=loss, path=path) if is_a_copy and math.isfinite(loss) else None
