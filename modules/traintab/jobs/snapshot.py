"""What can be said of a job at one moment: immutable, so that any thread may read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .failure import Failure

__all__ = ["JobMemory", "JobSnapshot", "JobStatus"]


class JobStatus(str, Enum):
    """The states of a job; the values stand in records and in JSON answers."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether the worker is busy with it."""
        return self in (JobStatus.RUNNING, JobStatus.STOPPING)


@dataclass(frozen=True, kw_only=True)
class JobMemory:
    """The memory of the device that a job works on, in bytes, at one moment.

    `used` is what the program holds of it, `peak` the most it ever held, None where that isn't counted.
    """

    used: int
    total: int
    peak: int | None = None


@dataclass(frozen=True, kw_only=True)
class JobSnapshot:
    """A job at one moment.

    `fraction` (0 to 1) is known before steps are counted too, while pictures are encoded, say.
    `losses` are (step, loss) pairs in order, thinned when there are thousands; `evaluations` are such pairs
    too, and `best_step` is the one of the lowest. `rates` are (step, learning rate) pairs, each from its step
    on, `marks` (step, "saved" or "preview") pairs; both are thinned as well. `images` are paths of
    pictures with a caption each, newest last. `message` is the last thing that happened, `notes` are
    sentences worth keeping in sight, `error` is the sentence shown when `status` is failed, `failure` its
    kind, and `error_file` holds the traceback of what nobody foresaw. `log` are the last lines it told.
    `folder` is the run's folder in the log directory. `counts` are (what, how many) pairs to show beside the
    progress, `skipped` (file, reason) pairs of what could not be worked on. `result_folder` is where the
    results lie that another job may go on with, pictures of `result_size`, width and height in pixels.
    `total_epochs` is 0 where nobody counts them. `revision` grows with every change.
    """

    id: str = ""
    kind: str = ""
    title: str = ""
    status: JobStatus = JobStatus.IDLE
    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    total_epochs: int = 0
    loss: float | None = None
    learning_rate: float | None = None
    fraction: float | None = None
    seconds_per_step: float | None = None
    eta_seconds: float | None = None
    memory: JobMemory | None = None
    message: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""
    failure: Failure = Failure.NONE
    error_file: str = ""
    log: tuple[str, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    losses: tuple[tuple[int, float], ...] = ()
    evaluations: tuple[tuple[int, float], ...] = ()
    best_step: int | None = None
    rates: tuple[tuple[int, float], ...] = ()
    marks: tuple[tuple[int, str], ...] = ()
    folder: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    result_folder: str = ""
    result_size: tuple[int, int] | None = None
    resumable: bool = False
    revision: int = 0
