"""Drawing through the studio, with a real tiny model, alone and while it trains."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import (
    CreateConfig,
    GenerationConfig,
    TrainingConfig,
    from_mapping,
    replace_fields,
)
from traintab.drawing import DrawingSnapshot, DrawingState
from traintab.errors import BusyError
from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobStatus
from traintab.paths import Paths
from traintab.sampling.infotext import config_from_infotext, parse_infotext
from traintab.sampling.picture_info import read_infotext
from traintab.studio import Studio

SECONDS = 120.0
CONFIG = GenerationConfig(prompt="mira", num_inference_steps=2, seed=5, sampler="Euler")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path / "data")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (64, 64), (80 * number, 40, 200)).save(folder / f"{number}-red girl.png")
    return folder


@pytest.fixture
def studio(paths: Paths, tiny_model: Any) -> Iterator[Studio]:
    studio = Studio(StandaloneHost(paths), model="tiny", load=lambda spec, report: tiny_model)
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl"))
    yield studio
    studio.close(SECONDS)


def a_run(pictures: Path, steps: int) -> TrainingConfig:
    values = {"embedding_name": "mira", "data_dir": str(pictures), "model": "tiny", "steps": steps}
    return from_mapping(
        TrainingConfig, {**values, "preview_every": 0, "save_every": 0, "learning_rate": "0.05"}
    )


def wait_until(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(SECONDS / 0.01)):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to that")


def drawn(studio: Studio) -> DrawingSnapshot:
    wait_until(lambda: not studio.drawing().state.is_active)
    return studio.drawing()


def test_a_drawing_is_saved_and_told(studio: Studio, paths: Paths) -> None:
    first = studio.draw(replace(CONFIG, count=2))
    last = drawn(studio)

    assert first.state.is_active
    assert (last.state, last.error, last.step, last.total_steps) == (DrawingState.FINISHED, "", 4, 4)
    assert [picture.seed for picture in last.pictures] == [5, 6]
    for picture in last.pictures:
        assert paths.outputs_dir / "txt2img-images" in picture.path.parents
        assert read_infotext(picture.path) == picture.infotext


def test_what_is_drawn_for_the_page_is_what_a_caller_gets(studio: Studio) -> None:
    (waited,) = studio.txt2img(CONFIG)
    studio.draw(CONFIG)
    (saved,) = drawn(studio).pictures

    with Image.open(saved.path) as opened:
        assert opened.tobytes() == waited.image.tobytes()
    assert saved.infotext == waited.infotext


def test_pictures_are_saved_in_the_format_chosen_on_the_page(studio: Studio) -> None:
    studio.remembered.remember("saving", {"picture_format": "webp", "picture_quality": 50})
    studio.draw(CONFIG)
    (picture,) = drawn(studio).pictures

    assert picture.path.suffix == ".webp"
    assert read_infotext(picture.path) == picture.infotext


def test_a_broken_choice_of_format_means_the_usual_one(studio: Studio) -> None:
    studio.remembered.remember("saving", {"picture_format": "bmp"})
    studio.draw(CONFIG)

    assert drawn(studio).pictures[0].path.suffix == ".png"


def test_a_refused_picture_is_told_in_the_snapshot(studio: Studio, paths: Paths) -> None:
    paths.outputs_dir.write_bytes(b"")
    studio.draw(CONFIG)
    last = drawn(studio)

    assert last.state is DrawingState.FAILED
    assert "Writing" in last.error and "failed" in last.error


def test_a_picture_is_drawn_over(studio: Studio, paths: Paths) -> None:
    photo = Image.new("RGB", (64, 64), "red")
    config = replace(CONFIG, denoising_strength=0.5)
    first = studio.draw(config, photo)
    (saved,) = drawn(studio).pictures
    (waited,) = studio.img2img(config, photo)

    assert first.kind == "img2img"
    assert paths.outputs_dir / "img2img-images" in saved.path.parents
    with Image.open(saved.path) as opened:
        assert opened.tobytes() == waited.image.tobytes() != studio.txt2img(config)[0].image.tobytes()
    assert parse_infotext(saved.infotext)["Denoising strength"] == "0.5"


def test_the_picture_is_seen_while_it_is_drawn(studio: Studio) -> None:
    studio.draw(replace(CONFIG, num_inference_steps=150, count=100))
    wait_until(lambda: studio.drawing().preview is not None)
    seen = studio.drawing()
    studio.interrupt_drawing()

    assert seen.preview is not None and seen.preview.size == (64, 64)
    assert 0 < seen.preview_step <= seen.step
    assert drawn(studio).preview is None


def test_a_skipped_picture_makes_room_for_the_next(studio: Studio) -> None:
    studio.draw(replace(CONFIG, num_inference_steps=50, count=2))
    wait_until(lambda: studio.drawing().step > 0)
    studio.skip_drawing()
    last = drawn(studio)

    assert [picture.seed for picture in last.pictures] == [6]
    assert last.message == "Drew 1 picture; 1 skipped."


def test_a_finished_picture_is_seen_and_kept_while_the_next_is_drawn(studio: Studio) -> None:
    studio.draw(replace(CONFIG, num_inference_steps=30, count=100))
    wait_until(lambda: len(studio.drawing().pictures) == 1)
    under_way = studio.drawing()
    studio.interrupt_drawing()
    last = drawn(studio)

    assert under_way.state is DrawingState.DRAWING
    assert under_way.pictures[0].path.is_file()
    assert last.state is DrawingState.INTERRUPTED and last.pictures[0] == under_way.pictures[0]


def test_the_model_stays_while_pictures_are_drawn(studio: Studio, tiny_model_dir: Path) -> None:
    studio.draw(replace(CONFIG, num_inference_steps=150, count=100))
    with pytest.raises(BusyError, match="pictures are being drawn; press Interrupt first"):
        studio.select_model(str(tiny_model_dir))
    studio.interrupt_drawing()
    drawn(studio)

    assert studio.select_model(str(tiny_model_dir)).spec == str(tiny_model_dir)


def test_a_seed_at_random_is_told_with_the_picture(studio: Studio) -> None:
    studio.draw(replace(CONFIG, seed=-1))
    (picture,) = drawn(studio).pictures

    assert picture.seed != -1
    assert parse_infotext(picture.infotext)["Seed"] == str(picture.seed)


def test_a_picture_s_text_draws_the_same_picture_again(studio: Studio) -> None:
    studio.draw(replace(CONFIG, seed=-1, negative_prompt="a blue hat", guidance_scale=3.5))
    (picture,) = drawn(studio).pictures
    values, notes = config_from_infotext(read_infotext(picture.path) or "")
    studio.draw(from_mapping(GenerationConfig, values))
    (again,) = drawn(studio).pictures

    assert notes == [] and again.path != picture.path
    assert again.path.read_bytes() == picture.path.read_bytes()


def trained(studio: Studio) -> torch.Tensor:
    assert studio._worker.wait(SECONDS).status is JobStatus.FINISHED
    return studio.library.embeddings()["mira"].vectors["clip_l"]


def test_trying_it_now_shows_the_vectors_of_that_step_and_changes_none(
    studio: Studio, pictures: Path
) -> None:
    (untrained,) = studio.txt2img(CONFIG)
    studio.train(a_run(pictures, steps=60))
    wait_until(lambda: studio.snapshot().step >= 5)
    studio.draw(replace(CONFIG, count=2))
    now = drawn(studio)
    (waited,) = studio.txt2img(CONFIG)
    with_drawings = trained(studio)
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl", overwrite=True))
    studio.train(a_run(pictures, steps=60))

    assert torch.equal(trained(studio), with_drawings)
    (note,) = now.notes
    step = int(note.removeprefix("mira is drawn as it is after step ").split()[0])
    assert 5 <= step < 60
    with Image.open(now.pictures[0].path) as opened:
        assert opened.tobytes() != untrained.image.tobytes()
    assert waited.image.tobytes() != untrained.image.tobytes()
    assert "TI hashes" not in waited.infotext, "no file holds these vectors"


def test_a_preview_of_training_tells_how_it_was_drawn(studio: Studio, pictures: Path) -> None:
    previews = {"preview_every": 2, "preview_prompt": "[name] in rain", "preview_seed": 9, "preview_steps": 2}
    studio.train(replace_fields(a_run(pictures, steps=2), previews))
    trained(studio)
    ((path, _),) = studio.snapshot().images
    values, notes = config_from_infotext(read_infotext(Path(path)) or "")

    assert (values["prompt"], values["seed"], values["num_inference_steps"]) == ("mira in rain", 9, 2)
    assert notes == []


def test_after_the_training_its_file_is_what_is_drawn(studio: Studio, pictures: Path) -> None:
    studio.train(a_run(pictures, steps=3))
    trained(studio)
    studio.draw(CONFIG)
    last = drawn(studio)

    assert last.notes == ()
    assert "TI hashes" in last.pictures[0].infotext


def test_closing_ends_a_drawing_with_what_is_finished(studio: Studio) -> None:
    studio.draw(replace(CONFIG, num_inference_steps=150, count=100))
    wait_until(lambda: studio.drawing().step > 0)
    studio.close(SECONDS)

    assert studio.drawing().state is DrawingState.INTERRUPTED
