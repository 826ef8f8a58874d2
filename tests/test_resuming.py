"""Going on with a run: which one, by which settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import TrainingConfig, replace_fields, to_mapping, to_yaml
from traintab.errors import ConfigError, NothingToDoError
from traintab.jobs import JobSnapshot
from traintab.paths import Paths
from traintab.resuming import Resuming
from traintab.training.inputs import TrainingInputs
from traintab.training.run_folder import FINISHED, UNFINISHED, RunFolder, new_run_folder
from traintab.training.state_files import write_state
from traintab.training.unfinished import Resume


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path / "data")


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    """Settings that can be trained with: two pictures, and a shipped template."""
    for name in ("a", "b"):
        Image.new("RGB", (64, 64)).save(tmp_path / f"{name}.png")
    return replace_fields(
        TrainingConfig(embedding_name="cat"),
        {"data_dir": str(tmp_path), "template": "subject.txt", "steps": 40, "width": 64, "height": 64},
    )


@pytest.fixture
def run(paths: Paths, config: TrainingConfig) -> RunFolder:
    """A run that was left at step 3, when there was one picture."""
    made = new_run_folder(paths.log_dir, "cat")
    made.write(made.run_yaml, to_yaml(config).encode())
    inputs = TrainingInputs(pictures={"a.png": "1"})
    write_state(made, {"step": 3, "vectors": {"clip_l": torch.zeros(1, 768)}, "inputs": inputs.to_state()})
    made.mark(UNFINISHED)
    return made


class Started:
    """Notes what was to be trained."""

    def __init__(self) -> None:
        self.calls: list[tuple[TrainingConfig, Any]] = []

    def __call__(self, config: TrainingConfig, *, resume: Any = False) -> JobSnapshot:
        self.calls.append((config, resume))
        return JobSnapshot(kind="train")


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def resuming(paths: Paths, started: Started) -> Resuming:
    request = {"embedding_name": "cat", "data_dir": "/p", "steps": 9, "max_epochs": 2}
    return Resuming(paths=lambda: paths, train=started, last_request=lambda: request)


def test_a_run_goes_on_by_its_own_settings(
    resuming: Resuming, started: Started, run: RunFolder, config: TrainingConfig
) -> None:
    resuming.go_on("cat")
    resuming.go_on()
    assert started.calls == [(config, Resume()), (config, Resume())]


def test_changes_are_honoured_and_a_size_left_open_stays(
    resuming: Resuming, started: Started, run: RunFolder
) -> None:
    changes = {"learning_rate": "0.001", "width": "", "height": None, "embedding_name": "other"}
    resuming.go_on("cat", changes=changes)
    ((config, _),) = started.calls
    assert (config.embedding_name, config.optimization.learning_rate) == ("cat", "0.001")
    assert (config.dataset.width, config.dataset.height) == (64, 64)


def test_steps_that_are_given_count_before_the_epochs_of_the_run(
    resuming: Resuming, started: Started, run: RunFolder, config: TrainingConfig
) -> None:
    run.write(run.run_yaml, to_yaml(replace_fields(config, {"max_epochs": 7})).encode())
    resuming.go_on("cat", changes={"steps": 50})
    resuming.go_on("cat", changes={"steps": 50, "max_epochs": 9})
    counted = [(config.optimization.steps, config.epochs.max_epochs) for config, _ in started.calls]
    assert counted == [(50, 0), (50, 9)]


def test_a_bad_change_is_refused_by_its_name(resuming: Resuming, run: RunFolder) -> None:
    with pytest.raises(ConfigError, match="learning_rat"):
        resuming.go_on("cat", changes={"learning_rat": "1"})


def test_a_job_that_ended_before_there_was_a_state_begins_as_it_was_asked_to(
    resuming: Resuming, started: Started
) -> None:
    resuming.go_on(changes={"steps": 8})
    ((config, resume),) = started.calls
    assert (config.optimization.steps, config.epochs.max_epochs, resume) == (8, 0, False)
    assert resuming.differences() == []


def test_a_finished_run_goes_on_from_a_step_that_it_kept(
    resuming: Resuming, started: Started, run: RunFolder, paths: Paths
) -> None:
    run.mark(FINISHED)
    place = run.path.relative_to(paths.log_dir).as_posix()
    assert resuming.kept_steps("cat") == {3: place}
    assert resuming.kept_steps("") == {}
    resuming.go_on("cat", from_step=3)
    ((_, resume),) = started.calls
    assert resume == Resume(from_step=3)
    with pytest.raises(NothingToDoError, match="there are 3"):
        resuming.go_on("cat", from_step=4)


def test_a_new_run_begins_with_the_changed_settings(
    resuming: Resuming, started: Started, run: RunFolder
) -> None:
    resuming.start_anew("cat", changes={"steps": 50})
    ((config, resume),) = started.calls
    assert (config.optimization.steps, resume) == (50, False)


def test_what_differs_is_found_without_starting_anything(
    resuming: Resuming, started: Started, run: RunFolder, config: TrainingConfig
) -> None:
    flat = {**to_mapping(config)["optimization"], "learning_rate": "0.001"}
    found = [one.told for one in resuming.differences("cat", changes=flat)]
    assert found == [
        "Embedding Learning rate: 0.005 → 0.001",
        "Pictures: 1 → 2 (added: b.png; changed: a.png)",
    ]
    assert started.calls == []
