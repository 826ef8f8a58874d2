"""Works a queue off: whenever the worker is idle, what is next is started."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ..errors import BusyError, NothingToDoError, TrainTabError
from .queue import Queue
from .queue_entry import QueueEntry, QueueSnapshot, QueueStatus
from .records import AFTER_A_CRASH
from .snapshot import JobSnapshot, JobStatus
from .worker import Worker

__all__ = ["QueueRunner"]

_LOGGER = logging.getLogger(__name__)
_SECONDS_BETWEEN_LOOKS = 1.0
_ENDS = {
    JobStatus.FINISHED: QueueStatus.FINISHED,
    JobStatus.FAILED: QueueStatus.FAILED,
    JobStatus.INTERRUPTED: QueueStatus.INTERRUPTED,
}
_FROM_BEFORE = "This was queued before the program was started. Release the queue to go on with it."


class QueueRunner:
    """Looks at the queue once a second, on a thread of its own.

    `start(entry)` starts the job of an entry on `worker` and gives its first snapshot, or raises what makes
    it impossible. What waits when the program starts stays held until somebody releases it. While another
    program works the queue off, this one only looks. A job in the folder that an entry's own job had is that
    entry gone on with, whoever started it.
    """

    def __init__(self, queue: Queue, worker: Worker, start: Callable[[QueueEntry], JobSnapshot]) -> None:
        self._queue = queue
        self._worker = worker
        self._start = start
        self._is_claimed = False
        self._is_closed = threading.Event()
        self._wakened = threading.Event()
        self._looking = threading.Lock()
        self._complaint = ""
        self._started: dict[str, str] = {}
        self._went_on = ("", "")
        self._last_job = worker.snapshot()
        self._last_request = worker.request()
        self._begun_at = datetime.now().isoformat(timespec="milliseconds")
        self.snapshot = queue.snapshot()
        self._thread = threading.Thread(target=self._serve, name="traintab-queue", daemon=True)

    def begin(self) -> None:
        """Hold what waits from before, and start to look."""
        self._safely(self._claimed)
        self.snapshot = self._queue.snapshot()
        self._thread.start()

    def wake(self) -> None:
        """Something has changed: show it, and start what can be started."""
        self.snapshot = self._now(self.snapshot.runner)
        self._wakened.set()

    def close(self) -> None:
        """Start nothing any more; call `settle_closed` when the worker has ended."""
        self._is_closed.set()
        self._wakened.set()
        if self._thread.is_alive():
            self._thread.join()

    def settle_closed(self) -> None:
        """What the end of the program interrupted waits for the next one."""
        if not self._is_claimed:
            return
        try:
            for entry in self._running():
                job = self._job_of(entry)
                if not entry.is_by_hand and (job is None or not job.status.is_active):
                    self._settle(entry, job, is_closing=True)
        finally:
            self._queue.give_up()
            self._is_claimed = False

    def look(self) -> None:
        """One look: settle what has ended, start what is next."""
        with self._looking:
            if self._claimed():
                self._take_up()
                self._follow()
                self._start_next()
            self._last_job = self._worker.snapshot()
            self._last_request = self._worker.request()
            self.snapshot = self._now("" if self._is_claimed else self._queue.runner())

    def _now(self, runner: str) -> QueueSnapshot:
        """The queue, with why the running job was begun while that matters."""
        now, job = self._queue.snapshot(runner), self._worker.snapshot()
        began, why = self._went_on
        is_told = began == job.id and job.status.is_active and not now.held
        return replace(now, went_on=why) if is_told else now

    def _serve(self) -> None:
        """The thread's life."""
        while not self._is_closed.is_set():
            self._safely(self.look)
            self._wakened.wait(_SECONDS_BETWEEN_LOOKS)
            self._wakened.clear()

    def _safely(self, work: Callable[[], object]) -> None:
        """The boundary: neither a full disk nor a mistake of ours ends the thread, or keeps the page away."""
        try:
            work()
            self._complaint = ""
        except Exception as error:  # noqa: BLE001 - it is told, and tried again a second later
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        """Once, not every second."""
        if str(error) != self._complaint:
            self._complaint = str(error)
            _LOGGER.error("The queue can't go on: %s", error, exc_info=not isinstance(error, TrainTabError))

    def _claimed(self) -> bool:
        """Whether this program works the queue off, now or from now on."""
        if self._is_claimed:
            return True
        self._is_claimed = self._queue.claim()
        if self._is_claimed and not self._queue.held and self._has_waited():
            self._queue.hold_all(_FROM_BEFORE)
        return self._is_claimed

    def _has_waited(self) -> bool:
        """Whether anything was queued before this program began."""
        return any(
            one.status is QueueStatus.WAITING and one.added < self._begun_at for one in self._queue.entries()
        )

    def _running(self) -> list[QueueEntry]:
        return [entry for entry in self._queue.entries() if entry.status is QueueStatus.RUNNING]

    def _take_up(self) -> None:
        """The user may go on with what was interrupted, failed or waits again: then that runs."""
        job = self._worker.snapshot()
        if not job.status.is_active and job.id == self._last_job.id:
            return
        for entry in self._queue.entries():
            is_known = job.id in (entry.job, self._started.get(entry.id))
            if not is_known and self._is_of(entry, job) and self._queue.take_up(entry.id, job=job.id):
                self._started[entry.id] = job.id

    def _is_of(self, entry: QueueEntry, job: JobSnapshot) -> bool:
        """Whether the job goes on in the entry's folder; where there is none yet, whether it begins again."""
        if entry.folder:
            return entry.folder == job.folder
        asked = self._worker.request()
        return bool(asked) and entry.job == self._last_job.id != job.id and asked == self._last_request

    def _follow(self) -> None:
        """Pass on a wish to stop, and settle what has ended."""
        for entry in self._running():
            if entry.is_by_hand:
                if not self._queue.is_in_hand(entry):
                    self._queue.end(entry.id, QueueStatus.INTERRUPTED, AFTER_A_CRASH)
                continue
            job = self._job_of(entry)
            if job is None or not job.status.is_active:
                self._settle(entry, job)
                continue
            if (entry.job, entry.folder) != (job.id, job.folder):
                self._queue.note(entry.id, job=job.id, folder=job.folder)
            if entry.is_asked_to_stop and job.status is JobStatus.RUNNING:
                self._worker.stop()

    def _job_of(self, entry: QueueEntry) -> JobSnapshot | None:
        """The job it became, which its file may not tell yet where writing that failed."""
        return self._worker.job(self._started.get(entry.id, entry.job))

    def _settle(self, entry: QueueEntry, job: JobSnapshot | None, *, is_closing: bool = False) -> None:
        if job is None:
            self._queue.end(entry.id, QueueStatus.INTERRUPTED, "What became of it is not known.")
            return
        self._queue.note(entry.id, folder=job.folder)
        if is_closing and job.status is JobStatus.INTERRUPTED and not entry.is_asked_to_stop:
            self._queue.put_back(entry.id, "The program was closed while this was running.")
            return
        self._queue.end(entry.id, _ENDS[job.status], job.error or job.message)

    def _start_next(self) -> None:
        before = self._worker.snapshot()
        if self._is_closed.is_set() or before.status.is_active:
            return
        waiting = self._queue.next()
        entry = self._queue.begin(waiting.id) if waiting is not None else None
        if entry is None:
            return
        self.snapshot, self._started = self._now(""), {}
        try:
            job = self._start(entry)
        except BusyError:
            self._queue.postpone(entry.id)
        except NothingToDoError as error:
            done = QueueStatus.FINISHED if entry.folder else QueueStatus.FAILED
            self._queue.end(entry.id, done, str(error))
        except TrainTabError as error:
            self._queue.end(entry.id, QueueStatus.FAILED, str(error))
        except Exception as error:  # a mistake of ours ends this entry, not the queue
            _LOGGER.exception("%s could not be started.", entry.title)
            told = f"It could not be started ({type(error).__name__}: {error}). Please report it."
            self._queue.end(entry.id, QueueStatus.FAILED, told)
        else:
            self._started = {entry.id: job.id}
            self._went_on = job.id, self._why(before, entry)
            self._queue.note(entry.id, job=job.id)

    def _why(self, before: JobSnapshot, entry: QueueEntry) -> str:
        """What somebody needs to know who has just pressed Interrupt and sees another job begin."""
        if before.status is not JobStatus.INTERRUPTED or not (
            self._last_job.status.is_active or before.id != self._last_job.id
        ):
            return ""
        if not before.total_steps:
            return (
                f"{before.title} was interrupted; the queue goes on with {entry.title}."
                " To stop that too, press Hold the queue, then Interrupt."
            )
        return (
            f"{before.title} was interrupted at step {before.step:,}; the queue goes on with {entry.title}."
            " To stop that too, press Hold the queue, then Interrupt."
        )
