"""What a user is told before a training starts: each matter where it is one, and not where it isn't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.datasets.known_pictures import KnownPictures
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.embeddings.library import EmbeddingLibrary
from traintab.errors import EmbeddingFileError, NothingToDoError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.before_start import BeforeStart, look_before_start
from traintab.training.create import create_embedding
from traintab.training.looking import Looking


@pytest.fixture
def advice(config: TrainingConfig, paths: Paths, model: Model) -> Any:
    """What is said of the settings with some of them changed."""

    def told(**fields: object) -> str:
        wanted = {"steps": 200, "save_every": 20, "learning_rate": "0.005", **fields}
        found = look_before_start(replace_fields(config, wanted), paths, model=model)
        return "\n".join(found.advice)

    return told


def test_of_usual_settings_nothing_is_said(advice: Any) -> None:
    assert advice() == ""


def test_too_many_vectors_for_so_few_pictures(advice: Any, model: Model, paths: Paths) -> None:
    create_embedding(CreateConfig(name="big", num_vectors=8), model=model, paths=paths)
    assert "big has 8 vectors for 5 pictures: so many learn" in advice(embedding_name="big")
    create_embedding(CreateConfig(name="four", num_vectors=4), model=model, paths=paths)
    assert advice(embedding_name="four") == ""


def test_too_few_and_too_many_showings(advice: Any) -> None:
    assert "shown about 4.8 times in 12 steps, where 50 to 200 are usual" in advice(steps=12, save_every=5)
    assert "to 250 for 100 showings" in advice(steps=12, save_every=5)
    assert "shown about 8,000 times in 20,000 steps" in advice(steps=20_000)
    assert "shown about" not in advice(steps=20_000, automatic_stop=True)


def test_a_batch_larger_than_the_data_set(advice: Any) -> None:
    assert "Batch size is 5 instead of 9: there are no more pictures." in advice(batch_size=9)
    assert "Gradient accumulation is 2 instead of 7" in advice(gradient_accumulation_steps=7)


def test_a_rate_far_from_what_the_model_s_words_are_worth(advice: Any) -> None:
    assert "The learning rate 50 is high" in advice(learning_rate="50")
    assert "The learning rate 1e-09 is low" in advice(learning_rate="1e-9")


def test_captions_that_nobody_uses(advice: Any, pictures: Path) -> None:
    (pictures / "red hat.txt").write_text("a red hat on a table", "utf-8")
    assert advice() == ""
    assert "1 picture has a caption, but no line of subject.txt has [filewords]" in advice(
        template="subject.txt"
    )


def test_captions_that_say_nothing(advice: Any, config: TrainingConfig, tmp_path: Path) -> None:
    folder = tmp_path / "camera"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (64, 64), (90 * number, 0, 0)).save(folder / f"IMG_{2030 + number}.png")
    told = advice(data_dir=str(folder))
    assert "3 pictures without captions take the words of the file name, such as 'IMG_2030'" in told
    assert "without captions" not in advice(data_dir=str(folder), template="subject.txt")
    (folder / "IMG_2030.txt").write_text("a hat", "utf-8")
    (folder / "IMG_2031.txt").write_text("a shoe", "utf-8")
    assert "without captions" not in advice(data_dir=str(folder))


def test_nothing_to_look_at_before_the_end(advice: Any) -> None:
    told = advice(save_every=500, preview_every=500)
    assert "Neither a preview nor a copy is made before the end at step 200: every 500 steps" in told
    assert "Every 20 shows how it comes along" in told
    assert "No copy is made before the end" in advice(save_every=500)
    assert advice(save_every=0) == ""


def looked(config: TrainingConfig, paths: Paths, **fields: object) -> BeforeStart:
    return look_before_start(replace_fields(config, fields), paths)


def test_steps_and_epochs_are_those_of_the_run(config: TrainingConfig, paths: Paths) -> None:
    found = looked(config, paths, steps=12, batch_size=2, evaluate_every=5, preview_every=4, save_every=5)
    assert (found.pictures, found.steps, found.steps_per_epoch, found.epochs) == (5, 12, 2, 6.0)
    assert (found.previews, found.evaluations) == (3, 2)
    assert found.report.startswith("5 pictures in ") and found.report not in found.advice


def test_epochs_and_lists_of_previews_are_counted(config: TrainingConfig, paths: Paths) -> None:
    found = looked(
        config, paths, max_epochs=10, preview_every_epochs=5, preview_prompts="[name]\n[name] at night"
    )
    assert (found.total_steps, found.epochs, found.previews) == (20, 10.0, 4)
    assert any("10 epochs end at step 20" in sentence for sentence in found.advice)


def test_what_would_be_refused_is_refused(
    config: TrainingConfig, paths: Paths, tiny_families: Any, model: Model
) -> None:
    with pytest.raises(EmbeddingFileError, match="has vectors of width"):
        looked(config, paths, model=str(tiny_families.folder("sdxl")))
    write_embedding(
        Embedding(name="zq", vectors={"clip_l": torch.ones(1, model.widths["clip_l"])}, step=12),
        paths.embeddings_dir / "zq.pt",
    )
    with pytest.raises(NothingToDoError, match="trained for 12 steps already"):
        looked(config, paths)


def test_a_second_look_reads_no_picture_and_no_embedding_again(
    config: TrainingConfig, paths: Paths, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Looking(library=EmbeddingLibrary(paths.embeddings_dir), look=KnownPictures())
    first = look_before_start(config, paths, looking=looking)
    monkeypatch.setattr("traintab.datasets.known_pictures.read_picture_file", None)
    monkeypatch.setattr("traintab.embeddings.library.read_embedding_file", None)
    assert look_before_start(config, paths, looking=looking) == first
