"""Downloads of a training's embedding: which file, in which format, under which name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.embeddings.library import EmbeddingLibrary
from traintab.errors import NothingToDoError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.training.run_folder import UNFINISHED, RunFolder
from traintab.ui.embeddings.download import Downloads
from traintab.ui.share_row import _BUTTONS, Shared, can_share, job_copy, run_copy, share


def embedding(value: float, step: int) -> Embedding:
    return Embedding(name="mira", vectors={"clip_l": torch.full((2, 768), value)}, step=step)


@pytest.fixture
def run(studio: Any) -> RunFolder:
    """A run with the copies of steps 10 and 20, the job that is shown; the library holds step 15."""
    made = RunFolder(path=studio.paths.log_dir / "2024-02-29" / "mira", embedding_name="mira")
    made.state_dir.mkdir(parents=True)
    made.mark(UNFINISHED)
    for step in (10, 20):
        write_embedding(embedding(float(step), step), made.checkpoint(step))
    studio.library = EmbeddingLibrary(studio.paths.embeddings_dir)
    write_embedding(embedding(15.0, 15), studio.paths.embeddings_dir / "mira.pt")
    studio.job = JobSnapshot(kind="train", status=JobStatus.FINISHED, folder=str(made.path))
    return made


def values(path: Path) -> float:
    return float(read_embedding(path).vectors["clip_l"][0, 0])


def test_the_newest_of_library_and_copies_is_given_under_its_own_name(studio: Any, run: RunFolder) -> None:
    found = job_copy(studio)
    assert (found.name, found.path) == ("mira", run.checkpoint(20))
    write_embedding(embedding(25.0, 25), studio.paths.embeddings_dir / "mira.pt")
    assert values(job_copy(studio).path) == 25.0


def test_a_step_that_is_used_is_given_though_newer_ones_were_saved(studio: Any, run: RunFolder) -> None:
    write_embedding(embedding(10.0, 10), studio.paths.embeddings_dir / "mira.pt")
    found = job_copy(studio)
    assert (found.name, found.path) == ("mira", studio.paths.embeddings_dir / "mira.pt")
    write_embedding(embedding(99.0, 10), studio.paths.embeddings_dir / "mira.pt")  # of another run
    assert job_copy(studio).path == run.checkpoint(20)


def test_without_a_training_there_is_nothing_to_give(studio: Any) -> None:
    assert not can_share(studio.job)
    with pytest.raises(NothingToDoError, match="train first"):
        job_copy(studio)


def test_a_training_with_a_folder_can_be_shared(studio: Any, run: RunFolder) -> None:
    assert can_share(studio.job)
    assert not can_share(JobSnapshot(kind="preprocess", folder=str(run.path)))


def test_a_step_of_a_past_run_is_called_after_it(studio: Any, run: RunFolder) -> None:
    found = run_copy(studio, "2024-02-29/mira", "10")
    assert (found.name, found.path) == ("mira-10", run.checkpoint(10))
    assert run_copy(studio, "2024-02-29/mira", None).name == "mira-20"
    with pytest.raises(NothingToDoError, match="step 11 is gone"):
        run_copy(studio, "2024-02-29/mira", "11")


def test_a_run_without_copies_says_so(studio: Any, run: RunFolder) -> None:
    for step in (10, 20):
        run.checkpoint(step).unlink()
    with pytest.raises(NothingToDoError, match="has kept no copy"):
        run_copy(studio, "2024-02-29/mira", None)


@pytest.mark.parametrize("wanted", _BUTTONS.values())
def test_every_button_gives_the_same_vectors(run: RunFolder, wanted: str) -> None:
    def find() -> Shared:
        return Shared(path=run.checkpoint(20), name="mira-20")

    message, update = share(Downloads(), find, wanted)
    (file,) = map(Path, update["value"])
    assert file.stem == "mira-20" and "Ready: mira-20" in message and update["visible"] is True
    assert values(file) == 20.0


def test_a_card_shows_the_preview_of_its_step(studio: Any, run: RunFolder) -> None:
    from PIL import Image

    (run.path / "images").mkdir()
    Image.new("RGB", (256, 256), (255, 0, 0)).save(run.preview(10))
    assert run_copy(studio, "2024-02-29/mira", "20").picture == run.preview(10), "the last one before it"
    find: Callable[..., Shared] = lambda: run_copy(studio, "2024-02-29/mira", "10")  # noqa: E731
    _, update = share(Downloads(), find, ".png picture card")
    with Image.open(update["value"][0]) as card:
        colors = card.convert("RGB").resize((64, 64)).getcolors(4096)
    assert colors is not None and max(colors)[1][0] > 200 > 60 > max(colors)[1][1], "mostly red"
