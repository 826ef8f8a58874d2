import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from traintab.configs import (
    CreateConfig,
    GenerationConfig,
    LoadingConfig,
    PreprocessConfig,
    TrainingConfig,
    from_mapping,
)
from traintab.errors import (
    BusyError,
    ConfigError,
    DatasetError,
    EmbeddingNameError,
    ModelError,
    NothingToDoError,
)
from traintab.hosts.standalone import StandaloneHost
from traintab.jobs import JobStatus
from traintab.model_slot import ModelState
from traintab.paths import ModelFolders, Paths
from traintab.studio import Studio

SECONDS = 120.0


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
    yield studio
    studio.close(SECONDS)


def a_run(pictures: Path, **settings: Any) -> TrainingConfig:
    values = {"embedding_name": "mira", "data_dir": str(pictures), "model": "tiny", "steps": 4, **settings}
    return from_mapping(TrainingConfig, {"preview_every": 0, "save_every": 2, **values})


def create(studio: Studio) -> None:
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl"))


def wait_for_step(studio: Studio, step: int) -> None:
    reached = threading.Event()
    for _ in range(int(SECONDS / 0.01)):
        job = studio.snapshot()
        if job.step >= step or not job.status.is_active:
            return
        reached.wait(0.01)


def test_the_model_is_loaded_only_when_it_is_needed(studio: Studio, tiny_model: Any) -> None:
    assert studio.model_status.state is ModelState.EMPTY
    assert studio.model is tiny_model
    assert studio.model_status.state is ModelState.READY


def test_a_created_embedding_is_in_the_library_at_once(studio: Studio, paths: Paths) -> None:
    create(studio)
    assert (paths.embeddings_dir / "mira.pt").is_file()
    (row,) = studio.list_embeddings()
    assert (row["name"], row["status"], row["encoders"]) == ("mira", "ok", {"clip_l": [1, 32]})


def test_a_training_run_goes_to_its_end_with_curve_and_previews(studio: Studio, pictures: Path) -> None:
    create(studio)
    assert studio.train(a_run(pictures, preview_every=2)).status is JobStatus.RUNNING
    last = studio._worker.wait(SECONDS)
    assert (last.status, last.step, last.error) == (JobStatus.FINISHED, 4, "")
    assert [step for step, _ in last.losses] == [1, 2, 3, 4]
    assert [caption for _, caption in last.images] == ["step 2", "step 4"]
    assert all(Path(path).is_file() for path, _ in last.images)
    assert studio.library.embeddings()["mira"].step == 4


def test_an_interrupted_run_is_resumed_to_the_same_vectors(studio: Studio, pictures: Path) -> None:
    create(studio)
    studio.train(a_run(pictures, steps=40))
    wait_for_step(studio, 5)
    studio.interrupt()
    stopped = studio._worker.wait(SECONDS)
    assert stopped.status is JobStatus.INTERRUPTED and 5 <= stopped.step < 40 and stopped.resumable
    assert studio.resume().status is JobStatus.RUNNING
    ended = studio._worker.wait(SECONDS)
    assert (ended.status, ended.step) == (JobStatus.FINISHED, 40)
    assert [step for step, _ in ended.losses] == list(range(1, 41))
    resumed = studio.library.embeddings()["mira"].vectors["clip_l"]
    studio.create_embedding(CreateConfig(name="mira", initialization_text="girl", overwrite=True))
    studio.train(a_run(pictures, steps=40))
    studio._worker.wait(SECONDS)
    assert torch.equal(resumed, studio.library.embeddings()["mira"].vectors["clip_l"])


def test_a_restarted_program_resumes_what_the_last_one_left(
    studio: Studio, pictures: Path, paths: Paths, tiny_model: Any
) -> None:
    create(studio)
    studio.train(a_run(pictures, steps=40))
    wait_for_step(studio, 5)
    assert studio.close(SECONDS).status is JobStatus.INTERRUPTED
    restarted = Studio(StandaloneHost(paths), model="tiny", load=lambda spec, report: tiny_model)
    assert restarted.snapshot().resumable
    restarted.resume()
    assert restarted._worker.wait(SECONDS).step == 40
    restarted.close(SECONDS)


def test_a_run_is_resumed_by_its_name_after_another_job(
    studio: Studio, pictures: Path, tmp_path: Path
) -> None:
    create(studio)
    studio.train(a_run(pictures, steps=40))
    wait_for_step(studio, 3)
    studio.interrupt()
    studio._worker.wait(SECONDS)
    studio.preprocess(PreprocessConfig(source=str(pictures), destination=str(tmp_path / "out")))
    assert studio._worker.wait(SECONDS).status is JobStatus.FINISHED
    studio.resume("mira")
    assert studio._worker.wait(SECONDS).step == 40


def test_resume_without_an_unfinished_run_says_so(studio: Studio) -> None:
    with pytest.raises(NothingToDoError, match="no unfinished run"):
        studio.resume()
    with pytest.raises(NothingToDoError, match="'nobody'"):
        studio.resume("nobody")


def test_raising_the_steps_of_a_finished_embedding_goes_on(studio: Studio, pictures: Path) -> None:
    create(studio)
    studio.train(a_run(pictures, steps=2))
    studio._worker.wait(SECONDS)
    with pytest.raises(NothingToDoError, match="raise Max steps"):
        studio.train(a_run(pictures, steps=2))
    studio.train(a_run(pictures, steps=5))
    last = studio._worker.wait(SECONDS)
    assert (last.step, [step for step, _ in last.losses]) == (5, [3, 4, 5])


def test_a_second_start_says_what_runs_and_changes_nothing(studio: Studio, pictures: Path) -> None:
    create(studio)
    studio.train(a_run(pictures, steps=400))
    wait_for_step(studio, 1)
    with pytest.raises(BusyError, match=r"Training of mira is running at step \d+ of 400"):
        studio.train(a_run(pictures))
    with pytest.raises(BusyError, match="Training of mira is running"):
        studio.select_model("demo")
    studio.interrupt()
    assert studio._worker.wait(SECONDS).status is JobStatus.INTERRUPTED


def test_pictures_are_drawn_while_training_goes_on(studio: Studio, pictures: Path) -> None:
    create(studio)
    studio.train(a_run(pictures, steps=400))
    wait_for_step(studio, 1)
    calls: list[tuple[int, int]] = []
    config = GenerationConfig(prompt="mira", num_inference_steps=2, seed=5, count=2, sampler="Euler")
    drawn = studio.txt2img(config, on_step=lambda done, total: calls.append((done, total)))
    assert [one.seed for one in drawn] == [5, 6] and calls[-1] == (4, 4)
    assert studio.snapshot().status is JobStatus.RUNNING
    studio.interrupt()
    studio._worker.wait(SECONDS)


def test_an_embedding_that_lies_in_no_file_can_be_drawn(studio: Studio) -> None:
    create(studio)
    config = GenerationConfig(prompt="mira", num_inference_steps=1, seed=5, sampler="Euler")
    mira = studio.library.find("mira")
    assert mira is not None
    other = replace(mira, vectors={name: rows + 3 for name, rows in mira.vectors.items()}, source=None)
    (mine,), (given,) = studio.txt2img(config), studio.txt2img(config, embeddings={"mira": other})
    assert mine.image.tobytes() != given.image.tobytes()
    assert "TI hashes" in mine.infotext and "TI hashes" not in given.infotext


def test_saved_pictures_are_numbered_and_keep_their_prompt(studio: Studio, paths: Paths) -> None:
    config = GenerationConfig(prompt="girl", num_inference_steps=1, seed=7, sampler="Euler")
    first, second = (studio.save_images(studio.txt2img(config))[0] for _ in range(2))
    assert (first.name, second.name) == ("00001-7.png", "00002-7.png")
    assert paths.outputs_dir in first.parents
    with Image.open(first) as picture:
        assert picture.info["parameters"].startswith("girl\n") or "girl" in picture.info["parameters"]


def test_preprocessing_takes_the_models_own_size(studio: Studio, pictures: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    studio.preprocess(PreprocessConfig(source=str(pictures), destination=str(target)))
    last = studio._worker.wait(SECONDS)
    assert (last.status, last.step) == (JobStatus.FINISHED, 3)
    with Image.open(next(target.glob("*.png"))) as picture:
        assert picture.size == (64, 64)


def test_what_is_wrong_is_said_before_anything_starts(studio: Studio, pictures: Path, tmp_path: Path) -> None:
    create(studio)
    with pytest.raises(EmbeddingNameError, match="nobody"):
        studio.train(replace(a_run(pictures), embedding_name="nobody"))
    with pytest.raises(DatasetError):
        studio.train(a_run(tmp_path / "missing"))
    with pytest.raises(DatasetError):
        studio.preprocess(PreprocessConfig(source=str(tmp_path / "missing"), destination=str(tmp_path / "o")))
    with pytest.raises(ConfigError, match="same folder"):
        studio.preprocess(PreprocessConfig(source=str(pictures), destination=str(pictures)))
    with pytest.raises(ModelError, match="no model called"):
        studio.select_model("nothing here")
    assert studio.snapshot().status is JobStatus.IDLE


def test_an_example_is_created_once_and_its_settings_returned(studio: Studio) -> None:
    name, config = studio.try_example("character")
    assert name == "demo-character" == config.embedding_name
    assert Path(config.dataset.data_dir).name == "character"
    assert studio.try_example("character")[0] == name
    assert [row["name"] for row in studio.list_embeddings()] == ["demo-character"]


def test_a_trained_example_is_left_alone(studio: Studio, pictures: Path) -> None:
    studio.try_example("character")
    studio.train(a_run(pictures, embedding_name="demo-character", steps=1))
    studio._worker.wait(SECONDS)
    assert studio.try_example("character")[0] == "demo-character-2"


def test_the_model_used_last_is_remembered(studio: Studio, paths: Paths, tiny_model_dir: Path) -> None:
    studio.select_model(str(tiny_model_dir))
    again = Studio(StandaloneHost(paths))
    assert again.model_status.spec == str(tiny_model_dir)
    again.close(SECONDS)


def test_a_choice_of_vae_or_prediction_loads_the_model_anew(paths: Paths, tiny_model_dir: Path) -> None:
    studio = Studio(StandaloneHost(paths), model=str(tiny_model_dir))
    assert studio.model.prediction_type == "epsilon"

    studio.choose_loading(LoadingConfig(prediction_type="v_prediction"))

    assert studio.model.prediction_type == "v_prediction"
    assert Studio(StandaloneHost(paths), model=str(tiny_model_dir)).model.prediction_type == "v_prediction"
    studio.close(SECONDS)


def test_embeddings_of_another_program_can_be_drawn_with(
    paths: Paths, tiny_model: Any, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    save_file({"emb_params": torch.ones(1, 32)}, other / "borrowed.safetensors")
    borrowing = replace(paths, borrowed=(ModelFolders(embeddings=(other,)),))
    studio = Studio(StandaloneHost(borrowing), model="tiny", load=lambda spec, report: tiny_model)

    assert list(studio.embeddings({"clip_l": 32})) == ["borrowed"]
    (image,) = studio.txt2img(GenerationConfig(prompt="a borrowed girl", num_inference_steps=1, seed=1))

    assert "borrowed" in image.infotext.split("TI hashes")[1]
    studio.close(SECONDS)
