"""Preprocessing as a job: the device is borrowed for models alone, and their progress is told."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from traintab.configs import PreprocessConfig
from traintab.jobs import JobContext, JobSnapshot, JobStatus
from traintab.paths import Paths
from traintab.preprocessing import models_at_hand
from traintab.preprocessing.captioners import CaptionerMeans
from traintab.preprocessing_job import PreprocessingJob


class Loan:
    """A host that knows whether its device is lent."""

    def __init__(self) -> None:
        self.is_lent = False
        self.loans = 0
        self.stop = False

    @contextlib.contextmanager
    def borrow_gpu(self) -> Iterator[None]:
        self.is_lent, self.loans = True, self.loans + 1
        yield
        self.is_lent = False

    def interrupted(self) -> bool:
        return self.stop


@pytest.fixture
def told() -> list[JobSnapshot]:
    return [JobSnapshot()]


@pytest.fixture
def context(told: list[JobSnapshot]) -> JobContext:
    def update(**changes: Any) -> JobSnapshot:
        told.append(dataclasses.replace(told[-1], **changes))
        return told[-1]

    return JobContext(
        should_stop=lambda: False,
        update=update,
        conclude=lambda status: told.append(dataclasses.replace(told[-1], status=status)),
        snapshot=lambda: told[-1],
    )


@pytest.fixture
def config(tmp_path: Path) -> PreprocessConfig:
    (tmp_path / "photos").mkdir()
    for number in range(3):
        Image.new("RGB", (64, 64)).save(tmp_path / "photos" / f"{number}.png")
    return PreprocessConfig(source=str(tmp_path / "photos"), destination=str(tmp_path / "out"))


def job_on(host: Any, tmp_path: Path) -> PreprocessingJob:
    paths = Paths.under(tmp_path / "data")
    return PreprocessingJob(host=host, device=host.borrow_gpu, paths=paths, size=lambda: 64)


def test_without_models_the_device_stays_where_it_is(
    context: JobContext, config: PreprocessConfig, told: list[JobSnapshot], tmp_path: Path
) -> None:
    host = Loan()
    list(job_on(host, tmp_path).run(config, context))
    assert host.loans == 0
    assert told[-1].status is JobStatus.FINISHED
    assert told[-1].counts == (("pictures written", 3), ("files unchanged", 0), ("files skipped", 0))
    assert (told[-1].result_folder, told[-1].result_size) == (config.destination, (64, 64))


def test_a_captioner_works_on_the_borrowed_device_and_tells_its_progress(
    context: JobContext,
    config: PreprocessConfig,
    told: list[JobSnapshot],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = Loan()
    seen: list[CaptionerMeans] = []

    def load(_config: PreprocessConfig, means: CaptionerMeans) -> Any:
        assert host.is_lent
        seen.append(means)
        means.report("Fetching model.onnx of a/b: 1 of 2 MB.")
        return SimpleNamespace(captions=lambda images: ["a cat"] * len(images), close=lambda: None)

    monkeypatch.setattr(models_at_hand, "check_captioner", lambda config, models_dir: None)
    monkeypatch.setattr(models_at_hand, "load_captioner", load)
    list(job_on(host, tmp_path).run(dataclasses.replace(config, caption="blip"), context))
    assert (host.loans, host.is_lent) == (1, False)
    assert seen[0].models_dir == tmp_path / "data" / "models" / "captioners"
    assert "Fetching model.onnx of a/b: 1 of 2 MB." in [snapshot.message for snapshot in told]
    assert len(list((tmp_path / "out").glob("*.txt"))) == 3


def test_the_hosts_own_interrupt_stops_it(
    context: JobContext, config: PreprocessConfig, told: list[JobSnapshot], tmp_path: Path
) -> None:
    host = Loan()
    host.stop = True
    list(job_on(host, tmp_path).run(config, context))
    assert told[-1].status is JobStatus.INTERRUPTED
    assert "3 files were not looked at" in told[-1].message
