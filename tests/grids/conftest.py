"""Runs of the tiny model with a few kept steps, and grids of them without a page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import CreateConfig, GridConfig, LoadingConfig, TrainingConfig, from_mapping
from traintab.embeddings.library import EmbeddingLibrary
from traintab.grids.grids import Grids
from traintab.grids.painter import GridMeans
from traintab.model_slot import ModelSlot
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.run import start_training
from traintab.training.run_folder import RunFolder, runs_of

SECONDS = 120.0
QUICK: dict[str, Any] = {
    "embedding_name": "mira",
    "grid_sampling_steps": 2,
    "grid_seeds": 1,
    "grid_prompts": "[name]",
}


def train(paths: Paths, model: Any, pictures: Path, **changes: object) -> RunFolder:
    """Create `mira` if need be and train it for 6 steps, with a copy every 2."""
    names = ["mira", *str(changes.get("more_embeddings", "")).split()]
    library = EmbeddingLibrary(paths.embeddings_dir)
    library.refresh()
    for name in names:
        if library.find(name) is None:
            create_embedding(CreateConfig(name=name, initialization_text="girl"), model=model, paths=paths)
    values: dict[str, object] = {
        "embedding_name": "mira",
        "data_dir": str(pictures),
        "model": "tiny",
        "steps": 6,
        "save_every": 2,
        "evaluate_every": 2,
        "preview_every": 0,
        "learning_rate": "0.5",
        "template": "none.txt",
    }
    config = from_mapping(TrainingConfig, {**values, **changes})
    for _ in start_training(config, model=model, paths=paths, should_stop=lambda: False):
        pass
    return runs_of("mira", paths.log_dir)[-1]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(2):
        Image.new("RGB", (64, 64), (80 * number, 40, 200)).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def trained_data(tmp_path_factory: pytest.TempPathFactory, tiny_model: Any, pictures: Path) -> Path:
    """A data folder in which `mira` was trained, made once; tests work on copies of it."""
    paths = Paths.under(tmp_path_factory.mktemp("trained") / "data")
    train(paths, tiny_model, pictures)
    return paths.data_dir


@pytest.fixture
def paths(trained_data: Path, tiny_model_dir: Path, tmp_path: Path) -> Paths:
    """The copy; the tiny model lies where models do, as `tiny` and as `other`."""
    data = tmp_path / "data"
    shutil.copytree(trained_data, data)
    models = data / "models" / "Stable-diffusion"
    models.mkdir(parents=True)
    for name in ("tiny", "other"):
        shutil.copytree(tiny_model_dir, models / name)
    return Paths.under(data)


@pytest.fixture
def run(paths: Paths) -> RunFolder:
    return runs_of("mira", paths.log_dir)[-1]


class Bench:
    """Grids with a thread that stands in for the worker; `asked` counts what was drawn on it."""

    def __init__(self, paths: Paths, model: Any) -> None:
        self.paths = paths
        self.loaded: list[str] = []
        self.drawn = 0
        self.is_busy = False
        self.changes = 0
        self.thread = ThreadPoolExecutor(1)
        self.before_each: Callable[[], None] = lambda: None
        self._model = model
        self.models = ModelSlot("tiny", self._load)
        self.grids = Grids(self._means)

    def _load(self, spec: str, report: object) -> Any:
        self.loaded.append(spec)
        return self._model

    def _means(self) -> GridMeans:
        library = EmbeddingLibrary(self.paths.embeddings_dir)

        def embeddings(widths: Any) -> Any:
            library.refresh()
            return library.embeddings(widths)

        return GridMeans(
            paths=lambda: self.paths,
            models=self.models,
            between=self._between,
            loading=LoadingConfig,
            is_busy=lambda: self.is_busy,
            embeddings=embeddings,
            changed=self._count_change,
        )

    def _between(self, task: Callable[[], Any]) -> Any:
        def counted() -> Any:
            self.before_each()
            self.drawn += 1
            return task()

        return self.thread.submit(counted)

    def _count_change(self) -> None:
        self.changes += 1

    def config(self, **changes: object) -> GridConfig:
        return from_mapping(GridConfig, {**QUICK, **changes})

    def draw(self, **changes: object) -> Any:
        """Draw a quick grid to its end; the last snapshot."""
        self.grids.start(self.config(**changes))
        return self.grids.wait(SECONDS)


@pytest.fixture
def bench(paths: Paths, tiny_model: Any) -> Iterator[Bench]:
    bench = Bench(paths, tiny_model)
    yield bench
    bench.grids.interrupt()
    bench.grids.wait(SECONDS)
    bench.thread.shutdown()
