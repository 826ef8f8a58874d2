"""Folders of runs, as a training of some steps leaves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from traintab.configs import TrainingConfig, replace_fields, to_yaml
from traintab.training.run_folder import FINISHED, RunFolder

_FACTS = {"status": FINISHED, "started": "2024-02-29T10:00:00+00:00"}


def make_run(
    log_dir: Path,
    place: str = "2024-02-29/mira",
    *,
    name: str = "mira",
    trained: int = 20,
    width: int = 0,
    facts: Mapping[str, str] | None = None,
    **settings: Any,
) -> RunFolder:
    """A run with `trained` losses in its table, a preview and a copy every 10 steps.

    A copy's two vectors, `width` numbers each, are its step all over; without a width it is no embedding.
    `facts` go into the status file, `settings` into `run.yaml`: `steps` is how many were wanted.
    """
    run = RunFolder(path=log_dir / place, embedding_name=name)
    for folder in ("embeddings", "images", "state"):
        (run.path / folder).mkdir(parents=True)
    wanted = {"steps": trained, "data_dir": "pictures", **settings}
    config = replace_fields(TrainingConfig(embedding_name=name), wanted)
    run.write(run.run_yaml, to_yaml(config).encode())
    rows = [f"{step},0,{step - 1},{1 / step:.7f},0.005" for step in range(1, trained + 1)]
    run.write(run.loss_table, "\n".join(["step,epoch,epoch_step,loss,learn_rate", *rows, ""]).encode())
    for step in range(10, trained + 1, 10):
        Image.new("RGB", (64, 64), (step, 90, 90)).save(run.preview(step))
        _write_copy(run, step, width)
    run.write(run.status_file, json.dumps({"embedding_name": name, **_FACTS, **(facts or {})}).encode())
    return run


def _write_copy(run: RunFolder, step: int, width: int) -> None:
    if not width:
        run.checkpoint(step).write_bytes(b"vectors")
        return
    import torch

    from traintab.embeddings.embedding import Embedding
    from traintab.embeddings.formats import write_embedding

    vectors = {"clip_l": torch.full((2, width), float(step))}
    write_embedding(Embedding(name=run.embedding_name, vectors=vectors, step=step), run.checkpoint(step))
