"""What a training on the command line tells, kept in its run's folder like what the page's jobs tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import TracebackType

from ..job_progress import changes
from ..jobs import JobSnapshot
from ..jobs.job_log import JobLog, sentences
from ..training.events import Evaluated, StepCompleted, TrainingEvent
from ..training.processes import here

__all__ = ["RunLog"]


class RunLog:
    """Takes a run's events by `add` and writes their sentences to `log.txt`, as soon as there is a folder.

    As a context it also writes why the run failed. Of several processes the first one alone writes.
    """

    def __init__(self, title: str) -> None:
        self._log = JobLog()
        self._snapshot = JobSnapshot()
        self._is_writing = here().is_first
        self._log.add(f"{title} was started.", datetime.now())

    def __enter__(self) -> RunLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._tell(error=str(error) or type(error).__name__)

    def add(self, event: TrainingEvent) -> None:
        """Write what one event tells; steps and evaluations stand in tables of their own."""
        if not isinstance(event, (StepCompleted, Evaluated)):
            self._tell(**changes(event, self._snapshot))

    def _tell(self, **found: object) -> None:
        for sentence in sentences(found, self._snapshot):
            self._log.add(sentence, datetime.now())
        self._snapshot = replace(self._snapshot, **found)  # type: ignore[arg-type]
        if self._snapshot.folder and self._is_writing:
            self._log.write(self._snapshot.folder)
