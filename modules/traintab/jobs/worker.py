"""The one thread that works: a job at a time, short tasks between its events."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from ..errors import BusyError, StorageError, TrainTabError
from ..files import write_text_atomically
from .context import JobContext
from .failure import failure_of
from .job_log import JobLog, sentences
from .pace import Pace
from .records import Record, Records
from .series import Series
from .snapshot import JobSnapshot, JobStatus

__all__ = ["Run", "Worker"]

T = TypeVar("T")
Run = Callable[[JobContext], Iterator[object]]

_LOGGER = logging.getLogger(__name__)
_SECONDS_BETWEEN_RECORDS = 2.0


class Worker:
    """Runs jobs, generators of events, on one thread of its own.

    The snapshot is replaced, never changed, so any thread may read it. A record of every job lies in
    `records_dir`; one that was running when the program ended is *interrupted* from then on. Each task runs
    in a block of `around()`.
    """

    def __init__(
        self, records_dir: Path, *, around: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._around = around
        self._records = Records(records_dir)
        # Another program on the same folder may be in the middle of its job: that is not ours to end.
        self._record = self._records.recover() if self._records.claim() else Record()
        self._changed = threading.Condition()
        self._tasks: deque[Callable[[], None]] = deque()
        self._job: Run | None = None
        self._stop = threading.Event()
        self._outcome: JobStatus | None = None
        self._closed = False
        self._losses = Series(self._record.snapshot.losses)
        self._log = JobLog(self._record.snapshot.log)
        self._saved_at = 0.0
        self._thread = threading.Thread(target=self._serve, name="traintab-worker", daemon=True)
        self._thread.start()

    def snapshot(self) -> JobSnapshot:
        """The current job, or the last one."""
        return self._record.snapshot

    def request(self) -> Mapping[str, object]:
        """What the current or last job was started with."""
        return self._record.request

    def job(self, job_id: str) -> JobSnapshot | None:
        """The job with this id, now or as it ended; None when its record is gone."""
        now = self.snapshot()
        return now if now.id == job_id else self._records.find(job_id)

    def start(
        self, kind: str, title: str, run: Run, *, request: Mapping[str, object] | None = None
    ) -> JobSnapshot:
        """Start a job and return its first snapshot.

        `run(context)` gives the generator of events; `request` holds plain JSON values from which the
        job can be started again. Raises BusyError while another job runs, StorageError when the record
        can't be written; then nothing was started.
        """
        with self._changed:
            self._refuse_when_busy(title)
            job_id = f"{datetime.now():%Y%m%d-%H%M%S-%f}-{kind}"
            revision = self.snapshot().revision + 1
            first = JobSnapshot(
                id=job_id,
                kind=kind,
                title=title,
                status=JobStatus.RUNNING,
                message="Starting.",
                revision=revision,
            )
            record = Record(snapshot=first, request=dict(request or {}))
            self._records.save(record)
            self._records.prune()
            self._record, self._losses, self._job, self._outcome = record, Series(), run, None
            self._log = JobLog()
            self._log.add(f"{title} was started.", datetime.now())
            self._stop.clear()
            self._changed.notify_all()
            return first

    def _refuse_when_busy(self, title: str) -> None:
        running = self.snapshot()
        if self._closed:
            raise BusyError(f"{title} was not started: the program is shutting down.")
        if running.status.is_active:
            where = f" at step {running.step} of {running.total_steps}" if running.total_steps else ""
            raise BusyError(
                f"{title} was not started: {running.title} is running{where}."
                " Wait until it has ended, or press Interrupt first."
            )

    def between(self, task: Callable[[], T]) -> Future[T]:
        """Run a short task on the worker thread: at once when idle, else between two events."""
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise BusyError("The task was not started: the program is shutting down.")
            self._tasks.append(lambda: _complete(future, task, self._around))
            self._changed.notify_all()
        return future

    def stop(self) -> JobSnapshot:
        """Ask the running job to stop at its next step; without one nothing happens."""
        with self._changed:
            if self.snapshot().status is JobStatus.RUNNING:
                self._stop.set()
                self._update(status=JobStatus.STOPPING)
            return self.snapshot()

    def wait(self, timeout: float | None = None) -> JobSnapshot:
        """Wait until no job runs, `timeout` seconds at most, and return the snapshot."""
        with self._changed:
            self._changed.wait_for(lambda: not self.snapshot().status.is_active, timeout)
            return self.snapshot()

    def close(self, timeout: float | None = None) -> JobSnapshot:
        """Stop the job, wait until it has saved, and end the thread; nothing can be started afterwards."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.stop()
        self._thread.join(timeout)
        self._records.give_up()
        return self.snapshot()

    def _serve(self) -> None:
        """The thread's life: tasks first, then the job, until closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._tasks or self._job or self._closed))
                job, self._job = self._job, None
            self._run_tasks()
            if job is not None:
                self._run(job)
            elif self._closed:
                return

    def _run_tasks(self) -> None:
        while True:
            with self._changed:
                if not self._tasks:
                    return
                task = self._tasks.popleft()
            task()

    def _run(self, run: Run) -> None:
        """The job boundary: whatever a job raises becomes a sentence in the snapshot."""
        context = JobContext(
            should_stop=self._stop.is_set,
            update=self._update,
            conclude=self._conclude,
            snapshot=self.snapshot,
        )
        try:
            self._consume(run(context))
        except TrainTabError as error:
            folder = self.snapshot().folder
            kind = failure_of(error, folder_is_there=not folder or Path(folder).is_dir())
            self._end(status=JobStatus.FAILED, error=str(error), failure=kind)
        except Exception as error:  # noqa: BLE001 - a mistake of ours ends this job, not the program
            self._end(status=JobStatus.FAILED, failure=failure_of(error), **self._explained(error))
        else:
            self._end(status=self._status_at_the_end())

    def _consume(self, events: Iterator[object]) -> None:
        """Go through the events; time spent on one that completed steps makes the pace."""
        pace = Pace()
        while True:
            before, began = self.snapshot(), time.perf_counter()
            if next(events, self) is self:
                return
            now = self.snapshot()
            if before.total_steps and now.step > before.step:
                pace.add(now.step - before.step, time.perf_counter() - began)
                eta = pace.eta_seconds(now.total_steps - now.step)
                self._update(seconds_per_step=pace.seconds_per_step, eta_seconds=eta)
            self._run_tasks()

    def _status_at_the_end(self) -> JobStatus:
        """What the job itself said, else finished unless it had been asked to stop."""
        if self._outcome is not None:
            return self._outcome
        return JobStatus.INTERRUPTED if self._stop.is_set() else JobStatus.FINISHED

    def _conclude(self, outcome: JobStatus) -> None:
        self._outcome = outcome

    def _end(self, **changes: object) -> None:
        """The last update of a job. It stays active until its record is written, so that whoever waits
        for the end finds the record."""
        with self._changed:
            ended = replace(
                self._record, snapshot=self._changed_snapshot(eta_seconds=None, fraction=None, **changes)
            )
            # Under the lock: a late `stop()` must not write *stopping* over it.
            self._try_to_save(ended)
            self._record = ended
            self._changed.notify_all()

    def _update(self, **changes: object) -> JobSnapshot:
        with self._changed:
            self._record = record = replace(self._record, snapshot=self._changed_snapshot(**changes))
            self._changed.notify_all()
        now = time.monotonic()
        if now - self._saved_at >= _SECONDS_BETWEEN_RECORDS:
            self._saved_at = now
            self._try_to_save(record)
        return record.snapshot

    def _changed_snapshot(self, **changes: Any) -> JobSnapshot:
        """The next snapshot; called with the lock held."""
        old = self.snapshot()
        if "losses" in changes:
            self._losses = Series(changes["losses"])
        if "step" in changes and changes.get("loss") is not None:
            self._losses.add(changes["step"], changes["loss"])
        for sentence in sentences(changes, old):
            self._log.add(sentence, datetime.now())
        if folder := changes.get("folder", old.folder):
            self._log.write(folder)
        kept = {"losses": self._losses.points, "log": self._log.lines}
        return replace(old, **{**changes, **kept, "revision": old.revision + 1})

    def _try_to_save(self, record: Record) -> None:
        """A record that can't be written must not end hours of work: it is only told."""
        try:
            self._records.save(record)
        except StorageError as error:
            _LOGGER.warning("%s", error)

    def _explained(self, error: Exception) -> dict[str, str]:
        """A sentence about an error nobody foresaw, and the file with its traceback."""
        now = self.snapshot()
        folder = Path(now.folder) if now.folder and Path(now.folder).is_dir() else self._records.folder
        path = folder / f"{now.id}-error.txt"
        sentence = f"{now.title} stopped by an unexpected error ({type(error).__name__}: {error})."
        try:
            write_text_atomically(path, "".join(traceback.format_exception(error)))
        except StorageError:
            _LOGGER.exception("%s", sentence)
            return {"error": f"{sentence} Details are in the program's output."}
        return {
            "error": f"{sentence} Please report it with the file {path}.",
            "error_file": str(path),
        }


def _complete(
    future: Future[T], task: Callable[[], T], around: Callable[[], AbstractContextManager[None]]
) -> None:
    """Run the task and hand its result, or whatever it raised, to the one who waits."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        with around():
            result = task()
        future.set_result(result)
    except BaseException as error:  # noqa: BLE001 - it is raised again where the result is asked for
        future.set_exception(error)
