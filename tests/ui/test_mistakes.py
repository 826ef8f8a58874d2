"""What people get wrong on the page, with the real studio behind it: a sentence each, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, all_options
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobStatus
from traintab.paths import Paths
from traintab.studio import Studio
from traintab.ui.create_panel import create
from traintab.ui.form import Form
from traintab.ui.job_parts import parts
from traintab.ui.messages import guarded
from traintab.ui.page import Page
from traintab.ui.train_panel import train

SECONDS = 120


@pytest.fixture
def real(tmp_path: Path, tiny_model_dir: Path) -> Iterator[Studio]:
    """A studio on the tiny model with an embedding `mira` of 5 steps."""
    paths = Paths.under(tmp_path / "data")
    mira = Embedding(name="mira", vectors={"clip_l": torch.zeros(1, 32)}, step=5)
    write_embedding(mira, paths.embeddings_dir / "mira.pt")
    studio = Studio(StandaloneHost(paths), model=str(tiny_model_dir))
    yield studio
    studio.close(SECONDS)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (64, 64), "red").save(folder / "girl.png")
    return folder


@pytest.fixture
def press_train(real: Studio, pictures: Path, fields: dict[str, Form]) -> Any:
    """`press_train(steps=3)` fills the form, presses the button and gives the message."""

    def press(**values: Any) -> str:
        good = {name: declared.default for name, declared in all_options(TrainingConfig).items()}
        good |= {"embedding_name": "mira", "data_dir": str(pictures), "template": "subject.txt", "steps": 9}
        page = Page(studio=real, **fields)
        (message,) = guarded(lambda: train(page, {**good, **values}), outputs=1)()
        return str(message)

    return press


def test_an_empty_folder(press_train: Any, real: Studio, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    message = press_train(data_dir=str(tmp_path / "empty"))
    assert "traintab-failed" in message and "empty" in message
    assert real.snapshot().status is JobStatus.IDLE


def test_a_folder_of_unreadable_pictures(press_train: Any, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    message = press_train(data_dir=str(tmp_path / "broken"))
    assert "traintab-failed" in message and "half.png" in message


def test_a_template_without_the_name(press_train: Any, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("a photo of a girl\n", encoding="utf-8")
    message = press_train(template=str(tmp_path / "plain.txt"))
    assert "traintab-failed" in message and "[name]" in message


def test_captions_that_never_show_the_name(press_train: Any, tmp_path: Path) -> None:
    (tmp_path / "captions.txt").write_text("[filewords]\n", encoding="utf-8")
    message = press_train(template=str(tmp_path / "captions.txt"))
    assert "traintab-failed" in message and "[name] in the captions" in message


def test_steps_that_are_reached_already(press_train: Any) -> None:
    message = press_train(steps=5)
    assert "traintab-failed" in message and "5 steps already" in message and "raise Max steps" in message


def test_a_bad_schedule_with_a_caret_at_the_character(press_train: Any) -> None:
    message = press_train(learning_rate="0.005:10, x")
    assert "character 11" in message
    text, caret = message.splitlines()[1:3]
    assert text[caret.index("^")] == "x"


def test_an_embedding_of_another_width_fails_in_the_job_view(press_train: Any, real: Studio) -> None:
    wide = Embedding(name="wide", vectors={"clip_l": torch.zeros(1, 768)})
    write_embedding(wide, real.paths.embeddings_dir / "wide.pt")
    press_train(embedding_name="wide")
    last = real._worker.wait(SECONDS)
    assert last.status is JobStatus.FAILED and "768" in last.error
    assert "768" in parts(last, real.model_status)["message"]


def test_a_full_disk_is_told_and_keeps_the_last_good_file(
    press_train: Any, real: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.errors import StorageError
    from traintab.training.run_folder import RunFolder

    def full(self: RunFolder, path: Path, data: bytes) -> None:
        raise StorageError(f"Writing {path} failed: No space left on device.")

    monkeypatch.setattr(RunFolder, "write", full)
    press_train(steps=7, save_every=1)
    last = real._worker.wait(SECONDS)
    assert last.status is JobStatus.FAILED and "No space left" in parts(last, real.model_status)["message"]
    real.library.refresh()
    assert real.library.find("mira") is not None


def test_a_name_that_is_taken(real: Studio, fields: dict[str, Form]) -> None:
    values = {name: declared.default for name, declared in all_options(CreateConfig).items()}
    page = Page(studio=real, **fields)
    message, *_ = guarded(lambda: create(page, {**values, "name": "mira"}), outputs=3)()
    assert "traintab-failed" in message and "mira" in message
