"""Training without a model (a fake loss), and with the tiny one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.datasets.batches import BatchOrder
from traintab.datasets.seeds import seeded_generator
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.schedules.learning_rate import Schedule
from traintab.training.create import create_embedding
from traintab.training.events import StepCompleted, TrainingEvent, TrainingStarted
from traintab.training.record import RunRecord
from traintab.training.run import start_training
from traintab.training.run_folder import new_run_folder
from traintab.training.session import Session
from traintab.training.state import TrainingState

Trainer = Callable[..., list[TrainingEvent]]


@pytest.fixture
def stop_after() -> Callable[[int], Callable[[], bool]]:
    """An interrupt check that says stop after it has been asked this often."""

    def make(questions: int) -> Callable[[], bool]:
        asked: list[None] = []

        def should_stop() -> bool:
            asked.append(None)
            return len(asked) > questions

        return should_stop

    return make


class FakeLoss:
    """The distance of the vectors from one, disturbed by the generator and by which pictures are shown."""

    def __init__(self, bad_at: int | None = None, value: float = float("nan")) -> None:
        self.bad_at = bad_at
        self.value = value
        self.shown: list[list[int]] = []

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        self.shown.append(list(pictures))
        vectors = state.vectors["clip_l"]
        noise = torch.randn(vectors.shape, generator=state.generator)
        loss = ((vectors - 1 + 0.1 * noise + 0.01 * sum(pictures)) ** 2).mean()
        if self.bad_at is not None and state.step + 1 >= self.bad_at:
            loss = loss * self.value
        return loss, f"prompt of {pictures[0]}"


@pytest.fixture
def fake_loss() -> type[FakeLoss]:
    return FakeLoss


@pytest.fixture
def make_state() -> Callable[..., TrainingState]:
    def make(num_images: int = 5, batch_size: int = 2, accumulation: int = 1, step: int = 0) -> TrainingState:
        order = BatchOrder(num_images, batch_size, accumulation=accumulation, seed=1)
        vectors = {"clip_l": torch.zeros(2, 4)}
        return TrainingState(vectors, order=order, generator=seeded_generator("test"), step=step)

    return make


@pytest.fixture
def make_session() -> Callable[..., Session]:
    def make(steps: int = 20, rate: str = "0.1", loss: FakeLoss | None = None, **others: object) -> Session:
        return Session(
            total_steps=steps,
            learning_rate=Schedule.parse(rate, max_steps=steps),
            batch_loss=loss or FakeLoss(),
            **others,  # type: ignore[arg-type]
        )

    return make


@pytest.fixture(scope="session")
def model(tiny_model_dir: Path) -> Model:
    return load_model(str(tiny_model_dir), Paths.under(tiny_model_dir.parent), device="cpu")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path / "data")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Five little pictures; the names are their captions."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for color in ("red", "blue", "green", "white", "black"):
        Image.new("RGB", (72, 64), color).save(folder / f"{color} hat.png")
    return folder


@pytest.fixture
def template(paths: Paths) -> Path:
    """A template in the user's own folder."""
    path = paths.template_dirs[0] / "tiny.txt"
    path.parent.mkdir(parents=True)
    path.write_text(
        "a photo of [name], [filewords]\n[name] of a [filewords]\na painting of [name]\n", "utf-8"
    )
    return path


@pytest.fixture
def config(
    model: Model, paths: Paths, pictures: Path, template: Path, tiny_model_dir: Path
) -> TrainingConfig:
    """An embedding `zq` of two vectors, trained for 12 steps with batches of two."""
    create_embedding(
        CreateConfig(name="zq", initialization_text="girl", num_vectors=2), model=model, paths=paths
    )
    return replace_fields(
        TrainingConfig(embedding_name="zq", model=str(tiny_model_dir)),
        {
            "data_dir": str(pictures),
            "template": template.name,
            "steps": 12,
            "batch_size": 2,
            "learning_rate": "0.05:6, 0.01",
            "save_every": 5,
            "preview_every": 0,
            "write_csv_every": 1,
        },
    )


@pytest.fixture
def run_training(model: Model, paths: Paths) -> Trainer:
    """Runs to the end, or until it is interrupted at step `stop_at`, and gives the events."""

    def run(config: TrainingConfig, *, stop_at: int | None = None, **options: object) -> list[TrainingEvent]:
        events: list[TrainingEvent] = []

        def should_stop() -> bool:
            if stop_at is None:
                return False
            counted = (event.step for event in events if isinstance(event, (TrainingStarted, StepCompleted)))
            return any(step >= stop_at for step in counted)

        wanted = {"should_stop": should_stop, "model": model, "paths": paths, **options}
        for event in start_training(config, **wanted):  # type: ignore[arg-type]
            events.append(event)
        return events

    return run


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


@pytest.fixture
def together(config: TrainingConfig, model: Model, paths: Paths) -> TrainingConfig:
    """`zq` of two vectors and `xw` of three; two of the five captions name `xw`."""
    create_embedding(
        CreateConfig(name="xw", initialization_text="cat", num_vectors=3), model=model, paths=paths
    )
    for color in ("red", "blue"):
        (Path(config.dataset.data_dir) / f"{color} hat.txt").write_text(f"{color} hat, xw", "utf-8")
    return replace_fields(config, {"more_embeddings": "xw"})
