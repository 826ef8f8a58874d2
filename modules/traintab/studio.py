"""The program's one object: wires the host, the model, the library and the jobs.

Page and command line call it. Nothing heavy is imported until a method needs it, so that the page is
there before torch is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .configs import (
    CreateConfig,
    GenerationConfig,
    LoadingConfig,
    PreprocessConfig,
    SavingConfig,
    TrainingConfig,
    to_mapping,
)
from .drawing import (
    DrawingRequest,
    Drawings,
    DrawingSnapshot,
    EmbeddingsAtHand,
    InTraining,
    Means,
    OnStep,
)
from .errors import BusyError
from .examples import example_named
from .folder_checking import FolderChecks
from .grid_scoring import GridScoring
from .grids import Grids
from .hosts.host import Host
from .installations_in_use import InstallationsInUse
from .jobs import JobSnapshot, Worker
from .model_slot import Load, ModelStatus
from .paths import Paths
from .preprocessing_job import PreprocessingJob
from .remembered import Remembered
from .resuming import Resuming
from .run_history import RunHistory
from .selected_model import SelectedModel
from .training_job import TrainingJob, with_loading
from .training_queue import TrainingQueue
from .training_requests import TrainingRequests

if TYPE_CHECKING:
    from PIL import Image

    from .embeddings.embedding import Embedding
    from .embeddings.library import EmbeddingLibrary
    from .models.model import Model
    from .sampling.txt2img import GeneratedImage
    from .training.unfinished import Resume

__all__ = ["Studio"]

DEMO = "demo"
_PAGE, _LOADING = "page", "loading"


class Studio:
    """Everything a user can do, on one model, one library of embeddings and one worker thread.

    `model` is what `select_model` takes, the one used last when it isn't given; `load(spec, report)`
    replaces the loader in tests.
    """

    def __init__(self, host: Host, *, model: str | None = None, load: Load | None = None) -> None:
        self._host = host
        self.remembered = Remembered(host.paths.settings_file)
        self.installations = InstallationsInUse(self.remembered)
        spec = model or str(self.remembered.values(_PAGE).get("model", DEMO))
        self._models = SelectedModel(spec, host, self.remembered, lambda: self.paths, load)
        self._worker = Worker(self.paths.jobs_dir, around=self._models.on_device)
        self.resuming = Resuming(
            paths=lambda: self.paths, train=self.train, last_request=self._worker.request
        )
        self._in_training = InTraining()
        self.training_requests = TrainingRequests(self._in_training, self.snapshot, self.embeddings_changed)
        self._at_hand = EmbeddingsAtHand(
            lambda: self.library, lambda: self.paths.embedding_dirs[1:], self._in_training
        )
        self._drawings = Drawings(
            Means(
                between=self._worker.between,
                model=self._models.get,
                embeddings=self._at_hand,
                save=self.save_images,
            )
        )
        self.folder_checks = FolderChecks.of(self._models, lambda: self.paths)
        self.grids = Grids.of(self, self._models, self._worker, self._at_hand)
        self.grid_scoring = GridScoring.of(self, self._models, self._worker.between)
        self.runs = RunHistory(paths=lambda: self.paths, snapshot=self.snapshot)
        self.queue = TrainingQueue(
            paths=lambda: self.paths, worker=self._worker, train=self.train, preprocess=self.preprocess
        )

    @property
    def paths(self) -> Paths:
        """Where the user's files lie, and the folders of other programs that are used too."""
        return self.installations.added_to(self._host.paths)

    @property
    def host_settings(self) -> Mapping[str, object]:
        """What the user has changed in the settings of the web UI that we are in."""
        return self._host.settings

    @cached_property
    def library(self) -> EmbeddingLibrary:
        """The embeddings folder, read when first asked for."""
        from .embeddings.library import EmbeddingLibrary

        return EmbeddingLibrary(self.paths.embeddings_dir)

    def embeddings(self, widths: Mapping[str, int] | None = None) -> dict[str, Embedding]:
        """What prompts can name: the folder's embeddings and other programs', as their files are now."""
        return self._at_hand.on_disk(widths)

    @property
    def model(self) -> Model:
        """The selected model, loaded when it isn't yet; raises ModelError."""
        return self._models.get()

    @property
    def model_status(self) -> ModelStatus:
        """Which model is selected, and whether it is loaded; never waits."""
        return self._models.status

    def list_models(self) -> list[str]:
        """Names of the models that can be selected, the demo first."""
        return self._models.names()

    def select_model(self, spec: str) -> ModelStatus:
        """Load another model in the background; raises BusyError at work, ModelError for a bad name."""
        from .models.discovery import resolve

        self._check_idle()
        resolve(spec, self.paths)
        self._models.select(spec)
        self.remembered.remember(_PAGE, {"model": spec})
        return self.model_status

    def choose_loading(self, choices: LoadingConfig) -> ModelStatus:
        """Keep how models are to be loaded, and load the selected one anew; raises BusyError at work."""
        self._check_idle()
        self.remembered.remember(_LOADING, to_mapping(choices))
        self._models.reload()
        return self.model_status

    def _check_idle(self) -> None:
        running = self.snapshot()
        if running.status.is_active:
            raise BusyError(f"The model was not changed: {running.title} is running; interrupt it first.")
        if self.drawing().state.is_active:
            raise BusyError("The model was not changed: pictures are being drawn; press Interrupt first.")

    def load_in_background(self) -> None:
        """Begin to load the selected model, so that it is there when it is wanted."""
        self._models.load_in_background()

    def snapshot(self) -> JobSnapshot:
        """The current job, or the last one."""
        return self._worker.snapshot()

    def create_embedding(self, config: CreateConfig) -> Embedding:
        """Make a new embedding file from the model's word vectors; waits for the model."""
        from .training.create import create_embedding

        task = self._worker.between(lambda: create_embedding(config, model=self.model, paths=self.paths))
        embedding = task.result()
        self.embeddings_changed()
        return embedding

    def try_example(self, name: str) -> tuple[str, TrainingConfig]:
        """Create an embedding for a shipped example; its name, and the settings that train it.

        An embedding of that name which has been trained is left alone: the new one is called `name-2`.
        """
        example = example_named(name, self.paths)
        if DEMO in self.list_models():
            self.select_model(DEMO)
        free = self.library.untrained_name(example.embedding_name)
        if self.library.find(free) is None:
            self.create_embedding(example.create_config(free))
        return free, example.training_config(free, self.model_status.spec)

    def embeddings_changed(self) -> None:
        """Read the embeddings folder again, and tell the host."""
        self.library.refresh()
        self._host.embeddings_changed()

    def preprocess(self, config: PreprocessConfig) -> JobSnapshot:
        """Start preprocessing a folder; raises InputError or BusyError, and then nothing was started."""
        from .preprocessing.run import preprocess

        models, host = self._models, self._host
        job = PreprocessingJob(host=host, device=models.on_device, paths=self.paths, size=models.default_size)
        preprocess(config, default_size=512, dry_run=True)  # only checks: the work is in the events
        return self._worker.start("preprocess", f"Preprocessing of {config.source}", partial(job.run, config))

    def train(self, config: TrainingConfig, *, resume: bool | Resume = False) -> JobSnapshot:
        """Start training, or go on with a run of this embedding by these settings.

        Raises InputError for whatever can be known to be wrong before the model is there, and BusyError.
        """
        from .training.checks import check_before_loading

        check_before_loading(config, self.paths, resume=resume)
        chosen = self.remembered.config(_LOADING, LoadingConfig)
        config = with_loading(config, chosen, resume=bool(resume))
        title, before = f"Training of {config.embedding_name}", self.snapshot()
        job = TrainingJob(
            host=self._host,
            lent=self._models.lent,
            embeddings=lambda widths: self.library.embeddings(widths),
            in_training=self._in_training,
            changed=self.embeddings_changed,
        )
        run = partial(job.run, config, resume, before)
        return self._worker.start("train", title, run, request=to_mapping(config))

    def interrupt(self) -> JobSnapshot:
        """Ask the running job to stop at its next step and save."""
        return self._worker.stop()

    def resume(self, name: str | None = None) -> JobSnapshot:
        """Go on with the newest unfinished run of the embedding `name`, or with the last job, as it was.

        `resuming` goes on by other settings, or from other steps. Raises NothingToDoError when there is none.
        """
        return self.resuming.go_on(name)

    def draw(self, config: GenerationConfig, image: Image.Image | None = None) -> DrawingSnapshot:
        """Begin to draw, from `image` (RGB) when it is given; `drawing()` tells how far it is.

        Pictures are drawn between two steps of a running job, with the embedding in training as it is then,
        and saved. Raises ConfigError, and BusyError while the last drawing isn't done: nothing was begun.
        """
        return self._drawings.start(DrawingRequest(config=config, image=image))

    def drawing(self) -> DrawingSnapshot:
        """The drawing that `draw` began last."""
        return self._drawings.snapshot()

    def interrupt_drawing(self) -> None:
        """End every drawing before its next step, with the pictures that are finished."""
        self._drawings.interrupt()

    def skip_drawing(self) -> None:
        """Give up the picture that is being drawn, and go on with the next."""
        self._drawings.skip()

    def txt2img(
        self,
        config: GenerationConfig,
        *,
        on_step: OnStep | None = None,
        embeddings: Mapping[str, Embedding] | None = None,
    ) -> list[GeneratedImage]:
        """Draw pictures as `draw` does, unsaved; waits for the model and for the pictures.

        `embeddings` are meant by their names before those of the folder are.
        """
        return self._drawings.wait_for(DrawingRequest(config=config, embeddings=embeddings or {}), on_step)

    def img2img(self, config: GenerationConfig, image: Image.Image) -> list[GeneratedImage]:
        """Draw pictures from a picture in RGB, unsaved; waits for the model and for the pictures."""
        return self._drawings.wait_for(DrawingRequest(config=config, image=image))

    def save_images(self, images: Sequence[GeneratedImage], kind: str = "txt2img") -> list[Path]:
        """Write pictures below the outputs folder, by day and number; raises StorageError."""
        from .sampling.saving import save_images

        saving = self.remembered.config("saving", SavingConfig)
        return save_images(images, self.paths.outputs_dir, kind=kind, saving=saving)

    def list_embeddings(self) -> list[dict[str, Any]]:
        """A row for each file in the embeddings folder, judged against the selected model."""
        from .embeddings.rows import embedding_rows

        self.library.refresh()
        return embedding_rows(self.library, self._models.widths())

    def close(self, timeout: float | None = None) -> JobSnapshot:
        """Interrupt the running job and drawings, wait until all is saved, and take no more work."""
        self._drawings.interrupt()
        self.folder_checks.interrupt()
        self.grids.interrupt()
        self.grid_scoring.interrupt()
        with self.queue.closing():
            return self._worker.close(timeout)
