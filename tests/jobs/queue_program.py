"""A program with a queue, for tests of what works it off."""

import threading
from collections.abc import Iterator
from pathlib import Path

from traintab.jobs import JobContext, JobSnapshot, JobStatus, Queue, QueueEntry, QueueRunner, Worker

SECONDS = 20.0


class Program:
    """A page's worker and runner on a folder; every job waits until it is let go on, or stops when asked."""

    def __init__(self, folder: Path) -> None:
        self.queue = Queue(folder / "queue")
        self.worker = Worker(folder)
        self.runner = QueueRunner(self.queue, self.worker, self.start)
        self.started: list[str] = []
        self.error: Exception | None = None
        self.folder = "/log/run"
        self.request: dict[str, object] = {}
        self.gate = threading.Semaphore(0)

    def start(self, entry: QueueEntry) -> JobSnapshot:
        if self.error is not None:
            raise self.error
        self.started.append(entry.title)
        return self.worker.start(entry.kind, entry.title, self.job, request=self.request)

    def job(self, context: JobContext) -> Iterator[object]:
        context.update(folder=self.folder, step=3)
        while not self.gate.acquire(timeout=0.005):
            if context.should_stop():
                context.conclude(JobStatus.INTERRUPTED)
                return
            yield None

    def done(self) -> None:
        """Let the running job come to its end, and look."""
        self.gate.release()
        self.worker.wait(SECONDS)
        self.runner.look()

    def statuses(self) -> dict[str, str]:
        return {entry.title: entry.status.value for entry in self.queue.entries()}

    def close(self) -> None:
        self.runner.close()
        self.worker.close(SECONDS)
        self.runner.settle_closed()


def add(program: Program, *names: str) -> list[QueueEntry]:
    return [program.queue.add("train", name, {}) for name in names]


def interrupt(program: Program) -> None:
    program.worker.stop()
    program.worker.wait(SECONDS)
    program.runner.look()
