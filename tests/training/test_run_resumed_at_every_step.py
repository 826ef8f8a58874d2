"""A run of twelve steps, left at each of them and gone on with, is the run that was never left."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import pytest
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
from traintab.training.state_files import read_state
from traintab.training.unfinished import config_to_resume

STEPS = 12
SETTINGS = {
    "steps": STEPS,
    "batch_size": 2,
    "gradient_accumulation_steps": 2,
    "learning_rate": "0.05:6, 0.01",
    "clip_grad_mode": "norm",
    "clip_grad_value": "0.01",
    "shuffle_tags": True,
    "tag_drop_out": 0.4,
    "latent_sampling_method": "random",
    "flip_augmentation": True,
    "ema_decay": 0.9,
    "evaluate_every": 3,
    "evaluation_samples": 2,
    "save_every": 5,
    "preview_every": 0,
    "write_csv_every": 1,
}


@dataclass
class Training:
    """An untrained embedding with pictures and captions in a folder of its own."""

    folder: Path
    model: Model
    model_dir: Path

    @property
    def paths(self) -> Paths:
        return Paths.under(self.folder / "data")

    def begin(self) -> TrainingConfig:
        pictures = self.folder / "pictures"
        pictures.mkdir()
        for color in ("red", "blue", "green", "white", "black", "gray"):
            Image.new("RGB", (72, 64), color).save(pictures / f"{color}.png")
            (pictures / f"{color}.txt").write_text(f"{color}, hat, cat, girl", encoding="utf-8")
        template = self.paths.template_dirs[0] / "tiny.txt"
        template.parent.mkdir(parents=True)
        template.write_text("a photo of [name], [filewords]\n[name] of a [filewords]\n", encoding="utf-8")
        create = CreateConfig(name="zq", initialization_text="girl", num_vectors=2)
        create_embedding(create, model=self.model, paths=self.paths)
        config = TrainingConfig(embedding_name="zq", model=str(self.model_dir))
        seed_everything(1)
        return replace_fields(config, {**SETTINGS, "data_dir": str(pictures), "template": template.name})

    def run(self, config: TrainingConfig, *, until: int = STEPS, resume: bool = False) -> None:
        seen: list[TrainingEvent] = []

        def should_stop() -> bool:
            steps = (event.step for event in seen if isinstance(event, (TrainingStarted, StepCompleted)))
            return until < STEPS and any(step >= until for step in steps)

        for event in start_training(
            config, model=self.model, paths=self.paths, should_stop=should_stop, resume=resume
        ):
            seen.append(event)

    def result(self) -> dict[str, Any]:
        """All that the run left, but for what tells the time."""
        (run,) = runs_of("zq", self.paths.log_dir)
        embeddings = [*(run.path / "embeddings").iterdir(), self.paths.embeddings_dir / "zq.pt"]
        tables = [run.best_file, *run.path.glob("*.csv")]
        return {
            "embeddings": {path.name: learned(path) for path in embeddings},
            "tables": {path.name: path.read_bytes() for path in tables},
            "state": read_state(run.state(STEPS)),
        }


def learned(path: Path) -> tuple[int | None, dict[str, torch.Tensor]]:
    """What an embedding's file holds; its bytes hold addresses of the memory too."""
    embedding = read_embedding(path)
    return embedding.step, dict(embedding.vectors)


def seed_everything(seed: int) -> None:
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal to the last bit, tensors in them too."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@pytest.fixture(scope="module")
def make(
    model: Model, tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Training]]:
    """Makes trainings on a model in which something draws from every generator of the process."""
    predict = type(model).predict

    def disturbed(*arguments: Any, **details: Any) -> torch.Tensor:
        noise = float(torch.rand(())) + random.random() + float(numpy.random.rand())
        return predict(*arguments, **details) + 0.01 * noise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model), "predict", disturbed)
        yield lambda: Training(tmp_path_factory.mktemp("every-step"), model, tiny_model_dir)


@pytest.fixture(scope="module")
def uninterrupted(make: Callable[[], Training]) -> dict[str, Any]:
    training = make()
    training.run(training.begin())
    return training.result()


@pytest.mark.parametrize("pause", range(STEPS))
def test_left_at_this_step_and_gone_on_with_it_ends_the_same_to_the_last_bit(
    make: Callable[[], Training], uninterrupted: dict[str, Any], pause: int
) -> None:
    training = make()
    training.run(training.begin(), until=pause)
    seed_everything(99)
    training.run(config_to_resume("zq", training.paths), resume=True)
    result = training.result()
    assert result["tables"] == uninterrupted["tables"]
    for kind in ("embeddings", "state"):
        assert result[kind].keys() == uninterrupted[kind].keys()
        for key, value in uninterrupted[kind].items():
            assert same(value, result[kind][key]), f"{key} differs"


def test_the_comparison_sees_a_changed_bit(uninterrupted: dict[str, Any]) -> None:
    vectors = uninterrupted["state"]["vectors"]["clip_l"]
    changed = vectors.clone()
    changed[0, 0] = torch.nextafter(changed[0, 0], torch.tensor(1e9))
    assert not same(vectors, changed)
