"""A short run on the tests' tiny model, started or gone on with as a user would, and all that it left.

`campaign.py` needs it too, which is a program: nothing here is imported relatively.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.events import StepCompleted, TrainingEvent, TrainingStarted
from traintab.training.run import start_training
from traintab.training.run_folder import runs_of
from traintab.training.state_files import read_newest_state
from traintab.training.unfinished import config_to_resume, find_unfinished

__all__ = ["NAME", "Ending", "SmallRun", "same", "seed_the_process"]

NAME = "zq"
_TEMPLATE = "a photo of [name], [filewords]\n[name] of a [filewords]\n"


@dataclass(frozen=True)
class Ending:
    """All that must be equal, bit by bit, to a run that nobody disturbed."""

    state: dict[str, Any]
    vectors: dict[str, torch.Tensor]
    losses: str

    def differences(self, other: Ending) -> list[str]:
        """The parts that aren't equal; of the states, which of them."""
        states = sorted(self.state.keys() | other.state.keys())
        found = [name for name in states if not same(self.state.get(name), other.state.get(name))]
        parts = ("vectors", "losses")
        return found + [part for part in parts if not same(getattr(self, part), getattr(other, part))]


def same(one: Any, other: Any) -> bool:
    """Equality to the last bit, through dicts and lists."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def seed_the_process(seed: int) -> None:
    """Other random numbers in each process, as in life; only a run's own beginning must be the same."""
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)


class SmallRun:
    """Pictures and settings of a run, to be made in as many data directories as wanted.

    It has everything random that a run can have, and saves at every other step; `fields` are other settings.
    """

    def __init__(self, model: Model, model_dir: Path, folder: Path, **fields: Any) -> None:
        self.model = model
        self.model_dir = model_dir
        self.folder = folder
        self.pictures = folder / "pictures"
        self.pictures.mkdir(parents=True)
        for color in ("red", "blue", "green", "white", "black"):
            Image.new("RGB", (72, 64), color).save(self.pictures / f"{color} hat, cat.png")
        self.fields: Mapping[str, Any] = {
            "data_dir": str(self.pictures),
            "template": "tiny.txt",
            "steps": 12,
            "batch_size": 2,
            "learning_rate": "0.05:6, 0.01",
            "latent_sampling_method": "random",
            "shuffle_tags": True,
            "save_every": 2,
            "preview_every": 0,
            "write_csv_every": 1,
            **fields,
        }
        self._data_dirs = 0

    @property
    def config(self) -> TrainingConfig:
        """The run's settings."""
        return replace_fields(TrainingConfig(embedding_name=NAME, model=str(self.model_dir)), self.fields)

    def new_paths(self) -> Paths:
        """A data directory with an untrained embedding."""
        self._data_dirs += 1
        paths = Paths.under(self.folder / f"data-{self._data_dirs}")
        template = self.template(paths)
        template.parent.mkdir(parents=True)
        template.write_text(_TEMPLATE, encoding="utf-8")
        create = CreateConfig(name=NAME, initialization_text="girl", num_vectors=2)
        create_embedding(create, model=self.model, paths=paths)
        return paths

    def template(self, paths: Paths) -> Path:
        """The file of prompts."""
        return paths.template_dirs[0] / "tiny.txt"

    def train(self, paths: Paths, *, stop_at: int | None = None, seed: int = 1) -> list[TrainingEvent]:
        """Start the run, or go on with it; to its end, or until `stop_at` steps are completed.

        The process has other random numbers when it goes on than when it began: those of `seed`.
        """
        unfinished = find_unfinished(NAME, paths) is not None
        seed_the_process(seed if unfinished else 0)
        config = config_to_resume(NAME, paths) if unfinished else self.config
        events: list[TrainingEvent] = []

        def should_stop() -> bool:
            steps = (event.step for event in events if isinstance(event, (TrainingStarted, StepCompleted)))
            return stop_at is not None and any(step >= stop_at for step in steps)

        for event in start_training(
            config, model=self.model, paths=paths, should_stop=should_stop, resume=unfinished
        ):
            events.append(event)
        return events

    def ending(self, paths: Paths) -> Ending:
        """What a finished run left."""
        run = runs_of(NAME, paths.log_dir)[-1]
        return Ending(
            state=read_newest_state(run)[0],
            vectors=read_embedding(paths.embeddings_dir / f"{NAME}.pt").vectors,
            losses=run.loss_table.read_text(encoding="utf-8"),
        )

    def is_finished(self, paths: Paths) -> bool:
        """Whether a run came to its end there."""
        runs = runs_of(NAME, paths.log_dir)
        return bool(runs) and not runs[-1].is_unfinished
