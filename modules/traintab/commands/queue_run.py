"""`queue run`: work the queue off without the page."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..answers import queue_entry_answer
from ..errors import BusyError, DatasetError, InputError, NothingToDoError, TrainTabError, WorkError
from ..jobs import Queue, QueueEntry, QueueStatus
from .command import Command
from .context import Context
from .preprocess import preprocessed
from .stop import STOPPED
from .train import trained

if TYPE_CHECKING:
    from ..training.events import TrainingEvent

__all__ = ["RUN"]

_SECONDS_BETWEEN_LOOKS = 1.0
_BROKEN_OFF = "The program was stopped while this was running."


def _configure(parser: ArgumentParser) -> None:
    del parser


def _run(arguments: Namespace, context: Context) -> int:
    del arguments
    if os.environ.get("WORLD_SIZE", "1") != "1":
        raise InputError(
            "queue run was started in several processes, but it works in one; start a training on several"
            " cards by itself: accelerate launch extension.py train …"
        )
    queue = Queue(context.paths.queue_dir)
    if not queue.claim():
        raise BusyError(
            f"The queue is worked off by {queue.runner()} already, an open page perhaps; that goes on with it"
            " as soon as it is released: extension.py queue release"
        )
    try:
        queue.release_all()
        statuses = _work_off(queue, context)
    finally:
        queue.give_up()
    if context.stop():
        context.output.complain("Stopped and saved; go on with: extension.py queue run")
        return STOPPED
    failed = statuses.count(QueueStatus.FAILED)
    context.output.log(f"The queue is worked off: {len(statuses)} done, {failed} of them failed.")
    return WorkError.exit_status if failed else 0


def _work_off(queue: Queue, context: Context) -> list[QueueStatus]:
    """Take one entry after the other until none waits or the user stops it; how each of them ended."""
    statuses = []
    while not context.stop() and (waiting := queue.next()) is not None:
        entry = queue.begin(waiting.id)
        if entry is None:
            continue
        _tell(context, entry, f"{entry.title} begins ({entry.id}).")
        try:
            statuses.append(_settled(_Turn(queue, entry, context), queue, context))
        finally:
            if queue.get(entry.id).status is QueueStatus.RUNNING:
                queue.put_back(entry.id, _BROKEN_OFF)
        ended = queue.get(entry.id)
        _tell(context, ended, f"{ended.title} is {ended.status.value}. {ended.message}".strip())
    return statuses


def _settled(turn: _Turn, queue: Queue, context: Context) -> QueueStatus:
    """Do what the entry asks for, and keep what became of it."""
    entry = turn.entry
    try:
        status, message = turn.perform()
    except NothingToDoError as error:
        status = QueueStatus.FINISHED if entry.folder else QueueStatus.FAILED
        message = str(error)
    except TrainTabError as error:
        status, message = QueueStatus.FAILED, str(error)
    if status is QueueStatus.FAILED:
        context.output.complain(message)
    if not context.stop() or status is not QueueStatus.INTERRUPTED:
        queue.end(entry.id, status, message)
    return status


class _Turn:
    """An entry whose turn it is."""

    def __init__(self, queue: Queue, entry: QueueEntry, context: Context) -> None:
        self.entry = entry
        self._queue = queue
        self._context = context
        self._looked_at = time.monotonic()
        self._is_asked_to_stop = False
        self._last_message = ""

    def perform(self) -> tuple[QueueStatus, str]:
        """Do it, and tell how it ended; raises what makes it impossible."""
        from ..training_queue import PREPROCESS, training_of

        if self.entry.kind == PREPROCESS:
            return self._preprocess()
        config, resume = training_of(self.entry, self._context.paths)
        interrupted = trained(
            config, self._context, resume=resume, should_stop=self._should_stop, seen=self._seen
        )
        status = QueueStatus.FINISHED if interrupted is None else QueueStatus.INTERRUPTED
        return status, self._last_message

    def _preprocess(self) -> tuple[QueueStatus, str]:
        from ..training_queue import preprocessing_of

        config, model = preprocessing_of(self.entry)
        report = preprocessed(config, model, self._context, should_stop=self._should_stop)
        if self._should_stop():
            return QueueStatus.INTERRUPTED, "Interrupted."
        if not report.outputs and not report.unchanged:
            raise DatasetError(
                f"None of the files in {config.source} became a picture: {report.first_reason}"
            )
        unchanged = f" {report.unchanged} files were unchanged." if report.unchanged else ""
        return QueueStatus.FINISHED, f"Wrote {report.outputs} training pictures.{unchanged}"

    def _should_stop(self) -> bool:
        """A signal, or another program's `queue cancel`, which is looked for once a second."""
        now = time.monotonic()
        if now - self._looked_at >= _SECONDS_BETWEEN_LOOKS:
            self._looked_at = now
            self._is_asked_to_stop = self._queue.is_asked_to_stop(self.entry.id)
        return self._is_asked_to_stop or self._context.stop()

    def _seen(self, event: TrainingEvent) -> None:
        """Keep where it works as soon as that is known, so that it can go on there."""
        from ..training.events import TrainingFinished, TrainingInterrupted, TrainingStarted

        if isinstance(event, TrainingStarted):
            self._queue.note(self.entry.id, folder=str(event.run_dir))
        elif isinstance(event, (TrainingFinished, TrainingInterrupted)):
            self._last_message = event.message


def _tell(context: Context, entry: QueueEntry, line: str) -> None:
    context.output.record(queue_entry_answer(entry))
    context.output.line(line)


RUN = Command(
    name="queue run",
    help="do what waits, one after the other, without the page",
    configure=_configure,
    run=_run,
)
