"""*Sample now* and *Save now* while a real model trains."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, from_mapping
from traintab.errors import NothingToDoError
from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobSnapshot, JobStatus
from traintab.paths import Paths
from traintab.studio import Studio

SECONDS = 120.0


@pytest.fixture
def studio(tmp_path: Path, tiny_model: Any) -> Iterator[Studio]:
    paths = Paths.under(tmp_path / "data")
    studio = Studio(StandaloneHost(paths), model="tiny", load=lambda spec, report: tiny_model)
    yield studio
    studio.close(SECONDS)


@pytest.fixture
def config(studio: Studio, tmp_path: Path) -> TrainingConfig:
    """A long training of `mira`, with previews by request only."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (64, 64), (80 * number, 40, 200)).save(folder / f"{number}-red girl.png")
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl"))
    values = {"embedding_name": "mira", "data_dir": str(folder), "model": "tiny", "steps": 5000}
    quick = {"preview_every": 0, "save_every": 0, "preview_steps": 20, "evaluate_every": 0}
    return from_mapping(TrainingConfig, {**values, **quick})


def started(studio: Studio, config: TrainingConfig) -> JobSnapshot:
    studio.train(config)
    until = time.monotonic() + SECONDS
    while studio.snapshot().status is JobStatus.RUNNING and not studio.snapshot().step:
        assert time.monotonic() < until
        time.sleep(0.01)
    return studio.snapshot()


def test_a_picture_and_a_copy_are_there_at_once_and_training_goes_on(
    studio: Studio, config: TrainingConfig
) -> None:
    begun = started(studio, config)
    (picture,) = studio.training_requests.sample().result(SECONDS)
    copy, own = studio.training_requests.save().result(SECONDS)
    job = studio.snapshot()
    assert job.status is JobStatus.RUNNING and job.step >= begun.step
    assert picture.parent.name == "images" and str(picture) in [path for path, _ in job.images]
    assert copy.exists() and copy.parent.parent == picture.parent.parent
    known = studio.library.find("mira")
    assert own == studio.paths.embeddings_dir / "mira.pt" and known is not None
    assert known.step == int(copy.stem.split("-")[1])


def test_an_interrupt_ends_a_long_preview_too(studio: Studio, config: TrainingConfig) -> None:
    many = "\n".join(["mira"] * 500)
    started(studio, from_mapping(TrainingConfig, _flat(config) | {"preview_prompts": many}))
    asked = studio.training_requests.sample()
    time.sleep(0.5)
    studio.interrupt()
    job = studio._worker.wait(SECONDS)
    assert job.status is JobStatus.INTERRUPTED
    failure = asked.exception(SECONDS)  # where not even the first was drawn
    assert isinstance(failure, NothingToDoError) if failure else len(asked.result()) < 500
    with pytest.raises(NothingToDoError, match="Save now: no training runs now"):
        studio.training_requests.save()


def _flat(config: TrainingConfig) -> dict[str, Any]:
    from traintab.configs import to_mapping

    return to_mapping(config)
