"""A run over a folder: threads open and write, a captioner works in between, events come in order."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..configs import PreprocessConfig
from ..errors import TrainTabError
from .captioners import CaptionerMeans
from .destination import Destination
from .events import (
    PictureDone,
    PictureSkipped,
    PreprocessEvent,
    PreprocessFinished,
    PreprocessInterrupted,
    PreprocessStarted,
)
from .items import items
from .models_at_hand import ModelsAtHand, makes_captions
from .one_picture import Outcome, PictureWork
from .opening_notes import opening_notes
from .record import Record
from .settings_hash import settings_hash
from .sources import Sources
from .stages import Failure, Stages

__all__ = ["Running", "processors"]


@dataclass
class _Counts:
    """Pictures written, files unchanged and skipped, captions that were left as they are; files seen."""

    written: int = 0
    unchanged: int = 0
    skipped: int = 0
    kept_captions: int = 0
    seen: int = 0

    def add(self, outcome: Outcome) -> None:
        """Take in what became of a source."""
        event = outcome.event
        self.seen += 1
        self.kept_captions += outcome.kept_captions
        if isinstance(event, PictureDone):
            self.written += len(event.outputs)
        elif isinstance(event, PictureSkipped):
            self.skipped += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, kw_only=True)
class Running:
    """What a run needs; `size` is the target (width, height) in pixels.

    `means` is None where no model is needed or wanted.
    """

    config: PreprocessConfig
    size: tuple[int, int]
    sources: Sources
    record: Record
    destination: Destination
    means: CaptionerMeans | None
    interrupted: Callable[[], bool]

    def events(self) -> Iterator[PreprocessEvent]:
        """Do it; raises what ends the run before its time once all that was under way is told."""
        began, counts, failures = time.perf_counter(), _Counts(), list[Failure]()
        yield self._started()
        for one in self._outcomes():
            if isinstance(one, Failure):
                failures.append(one)
            elif one is not None:
                counts.add(one)
                yield one.event
        for failure in failures:
            if isinstance(failure.error, TrainTabError):
                raise failure.error
        yield self._ended(counts, time.perf_counter() - began)

    @property
    def workers(self) -> int:
        """How many pictures are worked on at once."""
        return min(self.config.files.workers or processors(), len(self.sources.files))

    def _started(self) -> PreprocessStarted:
        names = [self.sources.name_of(file) for file in self.sources.files]
        notes = opening_notes(self.config, self.record, names, dry_run=self.destination.dry_run)
        return PreprocessStarted(
            total=len(names),
            width=self.size[0],
            height=self.size[1],
            notes=(*self.sources.notes, *notes),
            destination=self.destination.folder,
        )

    def _ended(self, counts: _Counts, seconds: float) -> PreprocessInterrupted | PreprocessFinished:
        remaining = len(self.sources.files) - counts.seen
        if remaining:
            return PreprocessInterrupted(
                written=counts.written,
                skipped=counts.skipped,
                remaining=remaining,
                unchanged=counts.unchanged,
                seconds=seconds,
            )
        kept = (
            f"{counts.kept_captions} captions in the destination are not as this program wrote them; they"
            " were kept."
        )
        return PreprocessFinished(
            written=counts.written,
            skipped=counts.skipped,
            notes=(kept,) * bool(counts.kept_captions),
            unchanged=counts.unchanged,
            seconds=seconds,
            pictures_per_second=(counts.seen - counts.unchanged) / seconds,
        )

    def _outcomes(self) -> Iterator[Outcome | Failure | None]:
        """What became of each source, in order, as the record has it by then."""
        with contextlib.ExitStack() as opened:
            opened.callback(self.record.close)
            models = None if self.means is None else ModelsAtHand(self.config, self.means)
            if models is not None:
                opened.callback(models.close)
            opened.enter_context(_opencv_on_one_thread(self.config))
            stages = self._stages(opened, models)
            opened.callback(stages.stopping.set)  # or a run that is given up would first do what waits
            for one in stages.outcomes(items(self.sources, self.record)):
                if isinstance(one, Outcome) and one.entry is not None and not self.destination.dry_run:
                    self.record.add(one.entry)
                yield one

    def _stages(self, opened: contextlib.ExitStack, models: ModelsAtHand | None) -> Stages:
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="traintab-picture")
        work = PictureWork(
            config=self.config,
            size=self.size,
            root=str(self.sources.root.resolve()),
            settings=settings_hash(self.config, self.size),
            destination=self.destination,
            remover=(lambda: None) if models is None else models.remover,
        )
        captions = models is not None and makes_captions(self.config)
        return Stages(
            work=work,
            record=self.record,
            pool=opened.enter_context(pool),
            workers=self.workers,
            interrupted=self.interrupted,
            captioner=models.captioner if models is not None and captions else None,
        )


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _opencv_on_one_thread(config: PreprocessConfig) -> Iterator[None]:
    """Each picture has a thread already; OpenCV's own would only stand in their way."""
    if not config.focal_crop:
        yield
        return
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
