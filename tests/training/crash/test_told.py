"""What the page tells of a training that crashed: a sentence, with the traceback in a file."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobStatus
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.studio import Studio

from .failing_disk import FailingDisk
from .small_run import NAME, Ending, SmallRun

SECONDS = 300.0


@pytest.fixture
def small(model: Model, tiny_model_dir: Path, tmp_path: Path) -> SmallRun:
    return SmallRun(model, tiny_model_dir, tmp_path / "run", steps=6)


@pytest.fixture
def paths(small: SmallRun) -> Paths:
    return small.new_paths()


@pytest.fixture
def studio(paths: Paths, small: SmallRun) -> Iterator[Studio]:
    studio = Studio(StandaloneHost(paths), model=str(small.model_dir), load=lambda spec, report: small.model)
    yield studio
    studio.close(SECONDS)


def undisturbed(small: SmallRun) -> Ending:
    paths = small.new_paths()
    small.train(paths)
    return small.ending(paths)


def test_a_defect_is_one_sentence_and_a_traceback_in_the_runs_folder_and_resuming_goes_on(
    studio: Studio, small: SmallRun, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict, calls = type(small.model).predict, []

    def defective(*arguments: Any, **options: Any) -> Any:
        calls.append(None)
        if len(calls) > 4:
            raise ZeroDivisionError("a defect")
        return predict(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(small.model), "predict", defective)
        studio.train(small.config)
        failed = studio._worker.wait(SECONDS)
    assert failed.status is JobStatus.FAILED
    assert "stopped by an unexpected error (ZeroDivisionError: a defect)" in failed.error
    assert "\n" not in failed.error and "Traceback" not in failed.error
    (account,) = Path(failed.folder).glob("*-error.txt")
    assert str(account) in failed.error
    assert "Traceback (most recent call last)" in account.read_text(encoding="utf-8")
    studio.resume(NAME)
    assert studio._worker.wait(SECONDS).status is JobStatus.FINISHED
    assert set(small.ending(paths).differences(undisturbed(small))) <= {"parts"}


def test_a_full_disk_is_one_sentence_and_resuming_goes_on_when_there_is_room(
    studio: Studio, small: SmallRun, paths: Paths
) -> None:
    disk = FailingDisk(60, errno.ENOSPC, lasting=True)
    with disk.running():
        studio.train(small.config)
        failed = studio._worker.wait(SECONDS)
    assert disk.failed
    assert failed.status is JobStatus.FAILED
    assert "No space left on device" in failed.error and "\n" not in failed.error
    studio.resume(NAME)
    assert studio._worker.wait(SECONDS).status is JobStatus.FINISHED
    assert set(small.ending(paths).differences(undisturbed(small))) <= {"parts", "losses"}
