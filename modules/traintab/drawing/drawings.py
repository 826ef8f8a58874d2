"""All drawings of the program: one on the page at a time, and those that a caller waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..configs import check
from ..errors import BusyError
from .painting import Keep, paint
from .progress import DrawingProgress, OnStep
from .request import DrawingRequest
from .snapshot import DrawingSnapshot, DrawingState, DrawnPicture

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..models.model import Model
    from ..sampling.txt2img import GeneratedImage

__all__ = ["Drawings", "Means"]


@dataclass(frozen=True, kw_only=True)
class Means:
    """What drawing takes.

    `between(task)` runs a task on the one thread that may use the model, `model()` loads it there,
    `embeddings(model, request)` gives those that fit, as they are now, and sentences about them, and
    `save(pictures, kind)` writes pictures to files.
    """

    between: Callable[[Callable[[], Any]], Future[Any]]
    model: Callable[[], Model]
    embeddings: Callable[[Model, DrawingRequest], tuple[Mapping[str, Embedding], Sequence[str]]]
    save: Callable[[Sequence[GeneratedImage], str], list[Path]]


class Drawings:
    """Starts drawings and tells how far the page's last one is; any thread may call."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._lock = threading.Lock()
        self._shown = DrawingProgress(DrawingSnapshot())
        self._under_way: list[DrawingProgress] = []

    def snapshot(self) -> DrawingSnapshot:
        """The page's current drawing, or its last one."""
        return self._shown.snapshot

    def start(self, request: DrawingRequest) -> DrawingSnapshot:
        """Draw as soon as the model is free, and save each picture; returns at once.

        Raises ConfigError for wrong settings, BusyError while the page's last drawing isn't done; then
        nothing was started.
        """
        check(request.config)
        with self._lock:
            before = self.snapshot()
            if before.state.is_active:
                raise BusyError(
                    f"The pictures were not begun: others are being drawn ({before.step} of"
                    f" {before.total_steps} steps). Wait until they are done, or press Interrupt first."
                )
            first = DrawingSnapshot(
                number=before.number + 1,
                kind=request.kind,
                state=DrawingState.WAITING,
                config=request.config,
                message="Waiting for its turn.",
                revision=before.revision + 1,
            )
            progress = DrawingProgress(first)
            future = self._means.between(lambda: self._draw_and_save(request, progress))
            self._shown = progress
            self._under_way.append(progress)
        future.add_done_callback(lambda done: self._ended(progress, request, done))
        return first

    def wait_for(self, request: DrawingRequest, on_step: OnStep | None = None) -> list[GeneratedImage]:
        """Draw as soon as the model is free, and return the pictures, unsaved; the page isn't told.

        Raises what drawing raises.
        """
        progress = DrawingProgress(DrawingSnapshot(state=DrawingState.WAITING), on_step, is_seen=False)
        with self._lock:
            self._under_way.append(progress)
        try:
            pictures: list[GeneratedImage] = []
            self._means.between(lambda: self._draw(request, progress, pictures.extend)).result()
            return pictures
        finally:
            self._forget(progress)

    def interrupt(self) -> None:
        """End every drawing, those that wait too, with the pictures that are finished."""
        with self._lock:
            under_way = list(self._under_way)
        for progress in under_way:
            progress.interrupt()

    def skip(self) -> None:
        """Give up the picture that is drawn for the page now, and go on with the next."""
        self._shown.skip()

    def _draw(self, request: DrawingRequest, progress: DrawingProgress, keep: Keep) -> None:
        """On the thread that may use the model; what was interrupted before its turn needs no model."""
        if progress.interrupted():
            return
        progress.wait_for_model()
        model = self._means.model()
        embeddings, notes = self._means.embeddings(model, request)
        progress.begin(notes)
        paint(model, request, embeddings, progress, keep)

    def _draw_and_save(self, request: DrawingRequest, progress: DrawingProgress) -> None:
        def keep(pictures: Sequence[GeneratedImage]) -> None:
            for path, picture in zip(self._means.save(pictures, request.kind), pictures, strict=True):
                progress.add(DrawnPicture(path=path, seed=picture.seed, infotext=picture.infotext))

        self._draw(request, progress, keep)

    def _ended(self, progress: DrawingProgress, request: DrawingRequest, done: Future[Any]) -> None:
        """The last word on a drawing of the page."""
        self._forget(progress)
        error = done.exception()
        if error is None:
            progress.finish(request.config.count * request.config.batch_size)
        else:
            progress.fail(error)

    def _forget(self, progress: DrawingProgress) -> None:
        with self._lock:
            self._under_way.remove(progress)
