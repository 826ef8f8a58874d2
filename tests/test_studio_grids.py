"""Grids through the studio: beside a training, with what other parts of the program do meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import CreateConfig, GridConfig, TrainingConfig, from_mapping
from traintab.embeddings.formats import read_embedding
from traintab.grids import GridState
from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobStatus
from traintab.paths import Paths
from traintab.studio import Studio
from traintab.training.run_folder import runs_of

SECONDS = 120.0


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path / "data")


@pytest.fixture
def studio(paths: Paths, tiny_model: Any, tiny_model_dir: Path) -> Iterator[Studio]:
    studio = Studio(StandaloneHost(paths), model=str(tiny_model_dir), load=lambda spec, report: tiny_model)
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl"))
    yield studio
    studio.close(SECONDS)


@pytest.fixture
def a_run(tmp_path: Path, tiny_model_dir: Path) -> Callable[[int], TrainingConfig]:
    """The config of a run of so many steps that keeps every second."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (64, 64), "red").save(folder / "girl.png")
    values = {"embedding_name": "mira", "data_dir": str(folder), "model": str(tiny_model_dir)}
    quiet = {"preview_every": 0, "save_every": 2, "learning_rate": "0.05", "template": "none.txt"}
    return lambda steps: from_mapping(TrainingConfig, {**values, **quiet, "steps": steps})


def grid(**values: object) -> GridConfig:
    quick = {"embedding_name": "mira", "grid_sampling_steps": 1, "grid_seeds": 1, "grid_prompts": "[name]"}
    return from_mapping(GridConfig, {**quick, **values})


def wait_until(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(SECONDS / 0.01)):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to that")


def test_steps_are_compared_while_the_training_goes_on(
    studio: Studio, paths: Paths, a_run: Callable[[int], TrainingConfig]
) -> None:
    studio.train(a_run(100_000))
    wait_until(lambda: studio.snapshot().step >= 6)
    before = studio.snapshot().step
    studio.grids.start(grid(grid_steps="2, 4"))
    last = studio.grids.wait(SECONDS)

    assert (last.state, last.error, len(last.cells)) == (GridState.FINISHED, "", 2)
    assert studio.snapshot().status is JobStatus.RUNNING
    wait_until(lambda: studio.snapshot().step > before)
    kept = [Path(cell.path).read_bytes() for cell in last.cells]
    assert kept[0] != kept[1]
    studio.interrupt()


def test_a_grid_changes_nothing_of_the_training_beside_it(
    studio: Studio, paths: Paths, a_run: Callable[[int], TrainingConfig]
) -> None:
    """The same run with and without a grid in the middle of it learns the same vectors."""

    def vectors_after(step: int) -> torch.Tensor:
        wait_until(lambda: studio.snapshot().step > step)
        studio.interrupt()
        wait_until(lambda: not studio.snapshot().status.is_active)
        copy = runs_of("mira", paths.log_dir)[-1].checkpoint(step)
        return read_embedding(copy).vectors["clip_l"]

    studio.train(a_run(100_000))
    wait_until(lambda: studio.snapshot().step >= 4)
    studio.grids.start(grid(grid_steps="2"))
    assert studio.grids.wait(SECONDS).error == ""
    step = studio.snapshot().step // 2 * 2 + 4
    beside = vectors_after(step)
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl", overwrite=True))
    studio.train(a_run(100_000))
    assert torch.equal(vectors_after(step), beside)


def test_using_a_step_changes_the_library_at_once(
    studio: Studio, a_run: Callable[[int], TrainingConfig]
) -> None:
    studio.train(a_run(4))
    wait_until(lambda: not studio.snapshot().status.is_active)
    studio.grids.start(grid())
    assert studio.grids.wait(SECONDS).error == ""
    studio.grids.use_step(2)
    assert studio.embeddings()["mira"].step == 2


def test_closing_the_program_ends_the_grid(studio: Studio, a_run: Callable[[int], TrainingConfig]) -> None:
    studio.train(a_run(4))
    wait_until(lambda: not studio.snapshot().status.is_active)
    studio.grids.start(grid(grid_seeds=16, grid_sampling_steps=150))
    wait_until(lambda: studio.grids.snapshot().state is GridState.DRAWING)
    studio.close(SECONDS)
    last = studio.grids.wait(SECONDS)
    assert last.state is GridState.INTERRUPTED and len(last.cells) < last.total
