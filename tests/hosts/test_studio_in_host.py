"""The program in each web UI: trains on its checkpoint, gives everything back, and its embedding is known."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import CreateConfig, PreprocessConfig, TrainingConfig, from_mapping
from traintab.errors import ModelError
from traintab.hosts.webui import WebUIHost
from traintab.jobs import JobStatus
from traintab.model_slot import ModelState
from traintab.studio import Studio

SECONDS = 120.0


class Scene:
    """A studio in a host; `loaded` tells of each load which model it was and if the host stood aside."""

    def __init__(self, host: Any, model: Any, checkpoint: Path) -> None:
        self.host = host
        self.loaded: list[tuple[str, bool]] = []
        self.models: list[Any] = []
        self._model = model
        host.add_checkpoint(checkpoint, "tiny [abc]")
        self.adapter = WebUIHost()
        self.studio = Studio(self.adapter, load=self._load)

    def _load(self, spec: str, report: Any) -> Any:
        self.loaded.append((spec, self.host.lock.is_held))
        self.models.append(copy.deepcopy(self._model))  # what leaves the device has no weights any more
        return self.models[-1]

    def create(self) -> None:
        self.studio.create_embedding(CreateConfig(name="mira", initialization_text="girl"))

    def train(self, pictures: Path, **settings: Any) -> Any:
        values = {"embedding_name": "mira", "data_dir": str(pictures), "steps": 5, "preview_every": 0}
        spec = self.studio.model_status.spec
        self.studio.train(from_mapping(TrainingConfig, {**values, "model": spec, **settings}))
        return self.studio._worker

    def is_back(self) -> bool:
        """Nothing of ours in memory, the host's queue free, its model where it was."""
        model = self.host.model_data.sd_model
        empty = self.studio.model_status.state is ModelState.EMPTY
        return empty and not self.host.lock.is_held and getattr(model, "device", "cuda") in ("cuda", "cpu")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(2):
        Image.new("RGB", (64, 64), (80 * number, 40, 200)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def scene(host: Any, tiny_model: Any, tiny_model_dir: Path) -> Iterator[Scene]:
    scene = Scene(host, tiny_model, tiny_model_dir)
    yield scene
    scene.studio.close(SECONDS)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_it_trains_on_the_hosts_checkpoint_and_the_name_is_known_at_once(
    scene: Scene, pictures: Path, tiny_model_dir: Path
) -> None:
    host = scene.host
    model = host.load_model()
    host.fill_caches()
    scene.create()
    created = (host.embeddings_dir / "mira.pt").read_bytes()
    if host.model_data.sd_model is not None:
        assert all(database.known == {"mira": created} for database in host.databases)
        host.fill_caches()
    ended = scene.train(pictures).wait(SECONDS)
    assert (ended.status, ended.step, ended.error) == (JobStatus.FINISHED, 5, "")
    assert set(scene.loaded) == {(str(tiny_model_dir), True)}
    trained = (host.embeddings_dir / "mira.pt").read_bytes()
    assert trained != created
    until(scene.is_back)
    if host.model_data.sd_model is not None:  # SD.Next reads the folder when it loads its model again
        assert host.model_data.sd_model is model
        assert all(database.known == {"mira": trained} for database in host.databases)
    assert all(value is None for cache in host.caches() for value in cache)


@pytest.mark.parametrize("kind", ["a1111", "forge"])
def test_the_hosts_picture_that_waits_for_the_end_of_a_training_gets_the_new_vectors(
    scene: Scene, pictures: Path
) -> None:
    host = scene.host
    host.load_model()
    scene.create()
    known: list[dict[str, bytes]] = []

    def draw() -> None:
        with host.lock:
            known.extend(dict(database.known) for database in host.databases)

    worker = scene.train(pictures, steps=40)
    until(lambda: scene.studio.snapshot().step >= 1)
    picture = threading.Thread(target=draw)
    picture.start()
    assert worker.wait(SECONDS).status is JobStatus.FINISHED
    picture.join(SECONDS)
    trained = (host.embeddings_dir / "mira.pt").read_bytes()
    assert known and all(each == {"mira": trained} for each in known)


def test_everything_is_back_after_a_training_that_crashed(
    scene: Scene, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_arguments: Any, **_keywords: Any) -> None:
        raise RuntimeError("the card fell off the bus")

    scene.host.load_model()
    scene.create()
    monkeypatch.setattr("traintab.training.run.start_training", crash)
    ended = scene.train(pictures).wait(SECONDS)
    assert ended.status is JobStatus.FAILED and "fell off the bus" in ended.error
    until(scene.is_back)
    assert scene.host.events[-1] == "end"
    weights = [weight for model in scene.models for weight in model.unet.parameters()]
    assert weights and all(weight.is_meta for weight in weights)
    readable = scene.models[0].text_encoders[0].token_vectors("still read by the page")
    assert torch.isfinite(readable).all()


@pytest.mark.parametrize("kind", ["forge", "sdnext"])
def test_the_hosts_interrupt_ends_the_training_and_it_can_be_resumed(scene: Scene, pictures: Path) -> None:
    scene.create()
    worker = scene.train(pictures, steps=400)
    until(lambda: scene.studio.snapshot().step >= 2)
    scene.host.modules["shared"].state.interrupted = True
    stopped = worker.wait(SECONDS)
    assert stopped.status is JobStatus.INTERRUPTED and stopped.resumable and stopped.step < 400
    until(scene.is_back)
    scene.studio.resuming.go_on("mira", changes={"steps": stopped.step + 2})
    ended = worker.wait(SECONDS)
    assert (ended.status, ended.step) == (JobStatus.FINISHED, stopped.step + 2)


@pytest.mark.parametrize("kind", ["a1111", "sdnext"])
def test_a_training_waits_until_the_host_has_finished_its_picture(scene: Scene, pictures: Path) -> None:
    scene.create()
    with scene.host.lock:
        worker = scene.train(pictures)
        time.sleep(0.2)
        waiting = scene.studio.snapshot()
        assert waiting.step == 0 and waiting.status is JobStatus.RUNNING
        assert waiting.message.startswith("Waiting until the web UI has finished its pictures")
        assert len(scene.loaded) == 1  # by *Create*
    assert worker.wait(SECONDS).status is JobStatus.FINISHED


@pytest.mark.parametrize("kind", ["forge neo"])
def test_another_checkpoint_chosen_in_the_host_is_ours_too_but_never_in_the_middle_of_a_training(
    scene: Scene, pictures: Path, tiny_model_dir: Path
) -> None:
    other = scene.host.root / "other.safetensors"
    other.write_bytes(b"")
    scene.host.add_checkpoint(other, "other")
    assert scene.studio.model_status.spec == str(tiny_model_dir)
    scene.create()
    worker = scene.train(pictures, steps=400)
    until(lambda: scene.studio.snapshot().step >= 1)
    scene.host.select("other")
    assert scene.studio.model_status.spec == str(tiny_model_dir)
    scene.studio.interrupt()
    worker.wait(SECONDS)
    until(lambda: scene.studio.model_status.spec == str(other))


@pytest.mark.parametrize("kind", ["reforge"])
def test_sizes_and_widths_are_read_without_loading_a_model(scene: Scene, pictures: Path) -> None:
    assert scene.studio.list_embeddings() == []
    target = pictures.parent / "out"
    scene.studio.preprocess(PreprocessConfig(source=str(pictures), destination=str(target)))
    assert scene.studio._worker.wait(SECONDS).status is JobStatus.FINISHED
    assert len(list(target.glob("*.png"))) == 2
    assert scene.loaded == [] and scene.host.events == []


@pytest.mark.parametrize("name", ["a1111", "forge"])
def test_our_files_are_read_though_the_host_replaces_how_torch_reads(
    enter: Any,
    name: str,
    tiny_model: Any,
    tiny_model_dir: Path,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A1111's gives None for what it dislikes, Forge's renames the file on any error."""

    def refuse(path: Any, *_arguments: Any, **_keywords: Any) -> None:
        if name == "forge":
            Path(path).rename(f"{path}.corrupted")
            raise ValueError("File corrupted")

    scene = Scene(enter(name), tiny_model, tiny_model_dir)
    monkeypatch.setattr(torch, "load", refuse)
    monkeypatch.setattr("safetensors.torch.load_file", refuse)
    scene.create()
    (scene.host.embeddings_dir / "broken.pt").write_bytes(b"no pickle")
    worker = scene.train(pictures, steps=400, save_every=1)
    until(lambda: scene.studio.snapshot().step >= 3)
    scene.studio.interrupt()
    stopped = worker.wait(SECONDS)
    scene.studio.resuming.go_on("mira", changes={"steps": stopped.step + 1})
    assert worker.wait(SECONDS).status is JobStatus.FINISHED
    rows = {row["name"]: row["status"] for row in scene.studio.list_embeddings()}
    assert rows == {"mira": "ok", "broken": "refused"}
    assert not list(scene.host.root.rglob("*.corrupted"))
    scene.studio.close(SECONDS)


@pytest.mark.parametrize("kind", ["a1111"])
def test_in_a_host_nothing_loads_a_model_but_work_that_needs_one(scene: Scene) -> None:
    scene.studio.load_in_background()
    time.sleep(0.05)
    assert scene.loaded == [] and scene.studio.model_status.state is ModelState.EMPTY


@pytest.mark.parametrize("kind", ["forge"])
def test_a_model_in_the_hosts_folder_goes_by_its_name_there(
    host: Any, tiny_model: Any, tiny_model_dir: Path
) -> None:
    link = host.root / "models" / "Stable-diffusion" / "anime" / "tiny"
    link.parent.mkdir()
    link.symlink_to(tiny_model_dir)
    scene = Scene(host, tiny_model, link)
    assert scene.studio.model_status.spec == "anime/tiny"
    elsewhere = host.root / "elsewhere.safetensors"
    elsewhere.write_bytes(b"")
    host.add_checkpoint(elsewhere, "elsewhere")
    assert [name for name in scene.studio.list_models() if name != "demo"] == ["anime/tiny", str(elsewhere)]
    scene.studio.close(SECONDS)


@pytest.mark.parametrize("kind", ["a1111"])
def test_nobody_loads_a_model_into_the_memory_that_the_host_uses(scene: Scene) -> None:
    with pytest.raises(ModelError, match="the web UI has the device now"):
        _ = scene.studio.model
    assert scene.loaded == []


def test_the_checkpoint_is_read_from_the_disk_and_trained_on_the_hosts_device(
    enter: Any, tiny_model_dir: Path, pictures: Path
) -> None:
    host = enter("a1111")
    host.modules["devices"].has("device/dtype", device="cpu", dtype="torch.float32")
    scene = Scene(host, None, tiny_model_dir)
    scene.studio.close(SECONDS)
    scene.studio = Studio(scene.adapter)
    host.load_model()
    scene.create()
    assert scene.train(pictures).wait(SECONDS).status is JobStatus.FINISHED
    assert host.databases[0].known["mira"] == (host.embeddings_dir / "mira.pt").read_bytes()
    until(scene.is_back)
    scene.studio.close(SECONDS)


@pytest.mark.parametrize("kind", ["forge"])
def test_what_is_wrong_with_the_hosts_checkpoint_stays_to_be_read(host: Any, tmp_path: Path) -> None:
    broken = tmp_path / "flux.safetensors"
    broken.write_bytes(b"another kind of model")
    host.modules["devices"].has("device/dtype", device="cpu")
    scene = Scene(host, None, broken)
    scene.studio.close(SECONDS)
    scene.studio = Studio(scene.adapter)
    with pytest.raises(ModelError, match=r"flux\.safetensors"):
        scene.create()
    for _ in range(2):
        assert scene.studio.model_status.state is ModelState.FAILED
    scene.studio.close(SECONDS)
