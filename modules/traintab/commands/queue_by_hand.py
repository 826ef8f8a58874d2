"""A training on the command line that goes on with what an entry of the queue had begun."""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import TYPE_CHECKING

from ..errors import TrainTabError
from ..jobs import AFTER_A_CRASH, Queue, QueueStatus
from .context import Context

if TYPE_CHECKING:
    from ..file_lock import FileLock
    from ..training.events import TrainingEvent

__all__ = ["ByHand"]

_SECONDS_BETWEEN_LOOKS = 1.0


class ByHand:
    """Tells the queue of the training in this block: its entry runs, and how it ended.

    Which entry that is, the run's folder shows; most trainings have none. Of several processes the first
    tells. What goes wrong with the queue is complained of, and ends no training.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._queue = Queue(context.paths.queue_dir)
        self._is_first = os.environ.get("RANK", "0") == "0"
        self._taken: dict[str, FileLock] = {}
        self._looked_at = time.monotonic()
        self._is_asked_to_stop = False
        self._end = QueueStatus.INTERRUPTED, AFTER_A_CRASH

    def __enter__(self) -> ByHand:
        return self

    def seen(self, event: TrainingEvent) -> None:
        """Keep what the training tells of its beginning and its end."""
        from ..training.events import TrainingFinished, TrainingInterrupted, TrainingStarted

        if isinstance(event, TrainingStarted) and self._is_first:
            try:
                self._take_up(str(event.run_dir))
            except TrainTabError as error:
                self._context.output.complain(str(error))
        elif isinstance(event, TrainingFinished):
            self._end = QueueStatus.FINISHED, event.message
        elif isinstance(event, TrainingInterrupted):
            self._end = QueueStatus.INTERRUPTED, event.message

    def should_stop(self) -> bool:
        """A signal, or *Interrupt* of the entry in a page, which is looked for once a second."""
        now = time.monotonic()
        if self._taken and now - self._looked_at >= _SECONDS_BETWEEN_LOOKS:
            self._looked_at = now
            self._is_asked_to_stop = any(self._queue.is_asked_to_stop(one) for one in self._taken)
        return self._is_asked_to_stop or self._context.stop()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say how it ended; what runs on when this process is killed is let go of by the lock."""
        del kind, trace
        status, message = self._end
        if isinstance(error, TrainTabError):
            status, message = QueueStatus.FAILED, str(error)
        for entry_id, hand in self._taken.items():
            try:
                self._queue.end(entry_id, status, message)
            except TrainTabError as trouble:
                self._context.output.complain(str(trouble))
            hand.release()

    def _take_up(self, folder: str) -> None:
        for entry in self._queue.entries():
            if entry.folder != folder or entry.status in (QueueStatus.RUNNING, QueueStatus.FINISHED):
                continue
            hand = self._queue.hand(entry.id)
            if not hand.acquire():
                continue
            if self._queue.take_up(entry.id):
                self._taken[entry.id] = hand
            else:
                hand.release()
