"""A studio without a model: it notes what it was asked to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from traintab.configs import TrainingConfig
from traintab.drawing import DrawingSnapshot
from traintab.folder_checking import FolderChecks
from traintab.grid_scoring import ScoringSnapshot
from traintab.grids import GridSnapshot
from traintab.installations_in_use import InstallationsInUse
from traintab.jobs import JobSnapshot, JobStatus, QueueSnapshot, QueueStatus
from traintab.model_slot import ModelState, ModelStatus
from traintab.paths import Paths
from traintab.remembered import Remembered
from traintab.run_history import RunHistory
from traintab.ui.form import Form
from traintab.ui.page import Page


class FakeLibrary:
    def __init__(self) -> None:
        self.names = ["ben", "mira"]

    def refresh(self) -> bool:
        return False

    def embeddings(self, widths: Any = None) -> dict[str, Any]:
        return dict.fromkeys(self.names)


class FakeGrids:
    """Shows the grid it is given, and notes what it was asked to do in the studio's `calls`."""

    def __init__(self, studio: FakeStudio) -> None:
        self._studio = studio
        self.shown = GridSnapshot()

    def snapshot(self) -> GridSnapshot:
        return self.shown

    def start(self, config: Any) -> GridSnapshot:
        self._studio._note("compare", config)
        return self.shown

    def interrupt(self) -> None:
        self._studio._note("stop comparing")

    def use_step(self, step: int) -> Any:
        self._studio._note("use_step", step)
        return SimpleNamespace(name="mira", step=step, kept=None, others=())


class FakeScoring:
    """The same for the scores."""

    def __init__(self, studio: FakeStudio) -> None:
        self._studio = studio
        self.shown = ScoringSnapshot()
        self.refusal: Exception | None = None

    def snapshot(self) -> ScoringSnapshot:
        return self.shown

    def check(self, config: Any) -> None:
        if self.refusal is not None:
            raise self.refusal

    def follow(self, config: Any) -> ScoringSnapshot:
        self._studio._note("judge", config)
        return self.shown

    def interrupt(self) -> None:
        self._studio._note("stop judging")


class FakeResuming:
    """Notes what it was asked to go on with in the studio's `calls`; `different` is what has changed."""

    def __init__(self, studio: FakeStudio) -> None:
        self._studio = studio
        self.different: list[Any] = []
        self.kept = {1000: "2024-02-29/mira", 500: "2024-02-29/mira"}

    def named(self) -> str:
        return "last"

    def kept_steps(self, name: str) -> dict[int, str]:
        return self.kept if name == "mira" else {}

    def differences(self, name: str | None = None, **details: Any) -> list[Any]:
        self.asked_about = (name, details)
        if self._studio.error is not None:
            raise self._studio.error
        return self.different

    def go_on(self, name: str | None = None, **details: Any) -> JobSnapshot:
        return self._studio._started("resume", (name, {k: v for k, v in details.items() if v}))

    def start_anew(self, name: str | None = None, **details: Any) -> JobSnapshot:
        return self._studio._started("train", (name, {k: v for k, v in details.items() if v}))


class FakeQueue:
    """Notes what it was asked to do in the studio's `calls`; `shown` is what it holds."""

    def __init__(self, studio: FakeStudio) -> None:
        self._studio = studio
        self.shown = QueueSnapshot()

    def snapshot(self) -> QueueSnapshot:
        return self.shown

    def add_training(self, config: Any) -> None:
        self._studio._note("queue", config)

    def add_preprocessing(self, config: Any, model: str) -> None:
        self._studio._note("queue", (config, model))

    def move(self, entry_id: str, by: int) -> None:
        self._studio._note("move", (entry_id, by))

    def cancel(self, entry_id: str) -> None:
        self._studio._note("cancel", entry_id)

    def retry(self, entry_id: str) -> None:
        self._studio._note("retry", entry_id)

    def remove_finished(self) -> int:
        self._studio._note("remove_finished")
        return sum(entry.status is QueueStatus.FINISHED for entry in self.shown.entries)

    def hold(self, entry_id: str = "") -> None:
        self._studio._note("hold", entry_id)

    def release(self, entry_id: str = "") -> None:
        self._studio._note("release", entry_id)


class FakeStudio:
    """Has the studio's methods; `calls` holds (method, argument), `error` is raised by each when set."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.remembered = Remembered(paths.settings_file)
        self.host_settings: dict[str, object] = {}
        self.installations = InstallationsInUse(self.remembered)
        self.library = FakeLibrary()
        self.model_status = ModelStatus(spec="demo", state=ModelState.EMPTY)
        self.job = JobSnapshot()
        self.resuming = FakeResuming(self)
        self.queue = FakeQueue(self)
        self.runs = RunHistory(paths=lambda: self.paths, snapshot=self.snapshot)
        self.folder_checks = FolderChecks(lambda: 128)
        self.grids = FakeGrids(self)
        self.grid_scoring = FakeScoring(self)
        self.shown = DrawingSnapshot()
        self.calls: list[tuple[str, Any]] = []
        self.error: Exception | None = None

    def _note(self, method: str, argument: Any = None) -> None:
        if self.error is not None:
            raise self.error
        self.calls.append((method, argument))

    def snapshot(self) -> JobSnapshot:
        return self.job

    def list_models(self) -> list[str]:
        return ["demo", "sd15"]

    def select_model(self, spec: str) -> ModelStatus:
        self._note("select_model", spec)
        self.model_status = ModelStatus(spec=spec)
        return self.model_status

    def embeddings(self, widths: Any = None) -> dict[str, Any]:
        self.library.refresh()
        return self.library.embeddings(widths)

    def choose_loading(self, choices: Any) -> ModelStatus:
        self._note("choose_loading", choices)
        return self.model_status

    def create_embedding(self, config: Any) -> Any:
        self._note("create_embedding", config)
        self.library.names.append(config.name)
        return SimpleNamespace(name=config.name, num_vectors=config.num_vectors)

    def try_example(self, name: str) -> tuple[str, TrainingConfig]:
        self._note("try_example", name)
        return f"demo-{name}", TrainingConfig(embedding_name=f"demo-{name}", seed=7)

    def preprocess(self, config: Any) -> JobSnapshot:
        return self._started("preprocess", config)

    def train(self, config: Any) -> JobSnapshot:
        return self._started("train", config)

    def resume(self, name: str | None = None) -> JobSnapshot:
        return self._started("resume", name)

    def interrupt(self) -> JobSnapshot:
        return self._started("interrupt", None)

    def _started(self, method: str, argument: Any) -> JobSnapshot:
        self._note(method, argument)
        return JobSnapshot(kind=method, status=JobStatus.RUNNING)

    def txt2img(self, config: Any, on_step: Any = None, embeddings: Any = None) -> list[Any]:
        self._note("txt2img", (config, embeddings) if embeddings is not None else config)
        if on_step is not None:
            on_step(1, 2)
        return [SimpleNamespace(image=None, infotext=f"{config.prompt} <b>", seed=7)]

    def img2img(self, config: Any, image: Any) -> list[Any]:
        self._note("img2img", (config, image.size))
        return [SimpleNamespace(image=None, infotext=config.prompt, seed=8)]

    def save_images(self, images: list[Any], kind: str = "txt2img") -> list[Path]:
        folder = Path() if kind == "txt2img" else Path(kind)
        return [folder / f"{image.seed}.png" for image in images]

    def list_embeddings(self) -> list[dict[str, Any]]:
        return [{"name": name, "status": "ok"} for name in self.library.names]

    def embeddings_changed(self) -> None:
        self._note("embeddings_changed")

    def draw(self, config: Any, image: Any = None) -> DrawingSnapshot:
        self._note("draw", config if image is None else (config, image.size))
        return self.shown

    def drawing(self) -> DrawingSnapshot:
        return self.shown

    def interrupt_drawing(self) -> None:
        self._note("interrupt_drawing")

    def skip_drawing(self) -> None:
        self._note("skip_drawing")


@pytest.fixture(scope="session")
def build() -> Callable[[Callable[[], Any]], Any]:
    """Calls a function that makes a `gr.Blocks`: without a running event loop gradio leaves one open."""

    def run(make: Callable[[], Any]) -> Any:
        async def inside() -> Any:
            return make()

        return asyncio.run(inside())

    return run


@pytest.fixture(scope="session")
def fake_studio() -> Callable[[Path], FakeStudio]:
    """Makes a studio whose files lie in a folder."""
    return lambda folder: FakeStudio(Paths.under(folder))


@pytest.fixture
def studio(tmp_path: Path) -> FakeStudio:
    return FakeStudio(Paths.under(tmp_path))


@pytest.fixture(scope="session")
def fields(build: Any) -> dict[str, Form]:
    """All forms with all their fields, made once: gradio takes its time."""
    page = Page(studio=cast(Any, None))

    def make() -> None:
        with gr.Blocks():
            for form in page.forms:
                for name in form.options:
                    form.field(name)

    build(make)
    return {form.section: form for form in page.forms}


@pytest.fixture
def page(studio: Any, fields: dict[str, Form]) -> Page:
    """A page whose forms have all their fields."""
    return Page(studio=studio, **fields)
