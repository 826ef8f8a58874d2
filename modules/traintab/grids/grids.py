"""The checkpoint grids of the program: one at a time, on a thread of its own; a training runs on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..configs import GridConfig, LoadingConfig, check
from ..drawing import EmbeddingsAtHand
from ..errors import BusyError, NothingToDoError
from ..jobs import Worker
from ..model_slot import ModelSlot
from ..paths import Paths
from ..remembered import Remembered
from .progress import GridProgress
from .record import load_snapshot, save_snapshot
from .snapshot import GridSnapshot, GridState

if TYPE_CHECKING:
    from ..training.best import UsedBest
    from .painter import GridMeans

__all__ = ["Grids", "Home"]


class Home(Protocol):
    """The program that grids belong to."""

    remembered: Remembered

    @property
    def paths(self) -> Paths:
        """Where the user's files lie."""

    def embeddings_changed(self) -> None:
        """Called when a file of the embeddings folder was written."""


class Grids:
    """Starts grids and tells how far the last one is; any thread may call.

    `means()` gives what they take; it is asked on the thread that draws, so that nothing heavy is imported
    before. `file` keeps what is shown of the last one for the next start of the program.
    """

    def __init__(self, means: Callable[[], GridMeans], file: Path | None = None) -> None:
        self._means = means
        self._file = file
        self._lock = threading.Lock()
        self._shown = GridProgress(GridSnapshot() if file is None else load_snapshot(file))
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="traintab-grid")

    @classmethod
    def of(cls, home: Home, models: ModelSlot, worker: Worker, at_hand: EmbeddingsAtHand) -> Grids:
        """Grids drawn with the selected model, between the steps of the worker's jobs."""
        return cls(partial(_means_of, home, models, worker, at_hand), home.paths.last_grid_file)

    def snapshot(self) -> GridSnapshot:
        """The current grid, or the last one."""
        return self._shown.snapshot

    @property
    def failure(self) -> BaseException | None:
        """What ended the last grid, if it failed."""
        return self._shown.failure

    def start(self, config: GridConfig) -> GridSnapshot:
        """Draw as soon as the model is free; returns at once.

        Raises ConfigError for wrong settings, BusyError while the last grid isn't done; then nothing was
        started. What can be found wrong only by reading the run is told in the snapshot.
        """
        check(config)
        with self._lock:
            before = self.snapshot()
            if before.state.is_active:
                raise BusyError(
                    f"The grid was not begun: that of {before.embedding_name or 'another embedding'} is being"
                    f" drawn ({len(before.cells)} of {before.total} pictures). Wait until it is done, or"
                    " press Stop comparing first."
                )
            first = GridSnapshot(
                number=before.number + 1,
                state=GridState.WAITING,
                config=config,
                embedding_name=config.embedding_name,
                message="Looking for what was kept.",
                revision=before.revision + 1,
            )
            self._shown = progress = GridProgress(first, self._keep)
            ended = self._threads.submit(self._draw, config, progress)
        ended.add_done_callback(partial(_conclude, progress))
        return first

    def interrupt(self) -> None:
        """End the grid before its next sampling step; its finished pictures stay and are not drawn again."""
        self._shown.interrupt()

    def wait(self, timeout: float | None = None) -> GridSnapshot:
        """Wait for the grid to end, `timeout` seconds at most; the snapshot then."""
        if self.snapshot().state.is_active:
            self._shown.wait(timeout)
        return self.snapshot()

    def use_step(self, step: int, run: Path | None = None) -> UsedBest:
        """Make the kept `step` of a run, by default of the last grid's, the embedding; nothing is lost by it.

        So with those that were trained with it. Raises NothingToDoError, BusyError while it is being trained,
        EmbeddingFileError and StorageError.
        """
        from .using import use_step

        shown, means = self.snapshot(), self._means()
        folder = run or shown.run
        if folder is None:
            raise NothingToDoError("There is no grid whose step could be used; compare the steps of a run.")
        used = use_step(folder, step, means.paths())
        means.changed()
        return used

    def _keep(self, snapshot: GridSnapshot) -> None:
        """What has no picture is nothing to show again."""
        if self._file is not None and snapshot.cells:
            save_snapshot(snapshot, self._file)

    def _draw(self, config: GridConfig, progress: GridProgress) -> None:
        from .painter import GridPainter

        GridPainter(self._means(), config, progress).draw()


def _conclude(progress: GridProgress, ended: Future[None]) -> None:
    """What a grid failed of is told in the snapshot."""
    error = ended.exception()
    if error is not None:
        progress.fail(error)


def _means_of(home: Home, models: ModelSlot, worker: Worker, at_hand: EmbeddingsAtHand) -> GridMeans:
    from .painter import GridMeans

    return GridMeans(
        paths=lambda: home.paths,
        models=models,
        between=worker.between,
        loading=lambda: home.remembered.config("loading", LoadingConfig),
        is_busy=lambda: worker.snapshot().status.is_active,
        embeddings=at_hand.on_disk,
        changed=home.embeddings_changed,
    )
