"""The test of the tests of resuming: they notice when any one part of the state isn't kept."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.errors import TrainTabError
from traintab.models.loading import load_model
from traintab.paths import Paths
from traintab.training.run_folder import new_run_folder
from traintab.training.state_files import read_newest_state, write_state
from traintab.training.unfinished import find_unfinished

from .small_run import NAME, Ending, SmallRun, same

LEFT_AT = 3  # in the middle of the second epoch
EVERYTHING = {
    "steps": 6,
    "precision": "fp16",  # with a loss scaler
    "norm_control": "start",  # which remembers where the vectors began
    "evaluate_every": 2,
    "evaluation_samples": 1,
}

Path_ = tuple[str, ...]


@pytest.fixture(scope="module")
def small(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> SmallRun:
    folder = tmp_path_factory.mktemp("mutations")
    model = load_model(str(tiny_model_dir), Paths.under(folder), device="cpu", precision="fp16")
    return SmallRun(model, tiny_model_dir, folder / "run", **EVERYTHING)


@pytest.fixture(scope="module")
def wanted(small: SmallRun) -> Ending:
    paths = small.new_paths()
    small.train(paths)
    return small.ending(paths)


@pytest.fixture(scope="module")
def left(small: SmallRun) -> Paths:
    """The data directory of a run that was interrupted."""
    paths = small.new_paths()
    small.train(paths, stop_at=LEFT_AT)
    return paths


def state_of(paths: Paths) -> dict[str, Any]:
    run = find_unfinished(NAME, paths)
    assert run is not None
    return read_newest_state(run)[0]


def parts_of(state: dict[str, Any], before: Path_ = ()) -> Iterator[Path_]:
    """Where the parts of a state are: inputs and registered parts as a whole, others down to their values."""
    for key, value in state.items():
        path = (*before, key)
        is_whole = path == ("inputs",) or before == ("parts",) or not isinstance(value, dict)
        yield from [path] if is_whole else parts_of(value, path)


def without(state: dict[str, Any], path: Path_, unseen: dict[str, Any]) -> dict[str, Any]:
    """The state as a program would have kept it that had forgotten this part."""
    mutated = copy.deepcopy(state)
    *folders, key = path
    holder = mutated
    for folder in folders:
        holder, unseen = holder[folder], unseen.get(folder, {})
    if folders == ["parts"] or key == "inputs":
        del holder[key]
    else:
        holder[key] = forgotten(holder[key], unseen.get(key))
    return mutated


def forgotten(value: Any, unseen: Any) -> Any:
    """What is there at the beginning of a run; where that is the same, nothing at all."""
    if unseen is not None and not same(value, unseen):
        return unseen
    return torch.zeros_like(value) if isinstance(value, torch.Tensor) else type(value)()


def resumed(small: SmallRun, left: Paths, state: dict[str, Any]) -> Ending | None:
    """How the run ends that goes on from this state; None when it doesn't even begin."""
    folder = left.data_dir.with_name(f"{left.data_dir.name}-resumed")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(left.data_dir, folder)
    paths = Paths.under(folder)
    run = find_unfinished(NAME, paths)
    assert run is not None
    scratch = new_run_folder(folder, "scratch")
    write_state(scratch, state).replace(run.state(LEFT_AT))
    try:
        small.train(paths)
    except (TrainTabError, LookupError, ValueError, TypeError, RuntimeError):
        return None
    return small.ending(paths)


def test_a_run_that_goes_on_from_its_whole_state_ends_bit_identical(
    small: SmallRun, wanted: Ending, left: Paths
) -> None:
    ending = resumed(small, left, state_of(left))
    assert ending is not None
    assert ending.differences(wanted) == []


def test_a_run_that_goes_on_without_any_one_part_of_its_state_ends_otherwise(
    small: SmallRun, wanted: Ending, left: Paths
) -> None:
    state, beginning = state_of(left), small.new_paths()
    small.train(beginning, stop_at=0)
    unseen = state_of(beginning)
    parts = list(parts_of(state))
    assert {("step",), ("vectors", "clip_l"), ("moments", "clip_l", "exp_avg"), ("lines",)} < set(parts)
    assert {("parts", name) for name in ("loss_scaler", "global_generators", "evaluations")} < set(parts)
    unnoticed = []
    for path in parts:
        ending = resumed(small, left, without(state, path, unseen))
        if ending is not None and not ending.differences(wanted):
            unnoticed.append(path)
    print(f"{len(parts)} parts of the state")
    assert unnoticed == []
