"""The loss plot of a job, drawn for all open pages at once and not at every look."""

from __future__ import annotations

import time

from ..jobs import JobSnapshot, JobStatus
from .loss_plot import loss_plot

__all__ = ["KeptPlot", "job_plot"]

_SECONDS = 2.0


def job_plot(job: JobSnapshot) -> str:
    """The plot of a training; nothing of another job."""
    if job.kind != "train":
        return ""
    # What stopped by itself before its last step takes the whole width.
    total = 0 if job.status is JobStatus.FINISHED else job.total_steps
    return loss_plot(job.losses, total, job.evaluations, job.best_step, job.rates, job.marks)


class KeptPlot:
    """`job_plot`, at most two seconds old; what is more than a further step is drawn at once.

    Drawing takes milliseconds of the thread that the training needs, and every open page asks each second.
    """

    def __init__(self) -> None:
        self._kept: tuple[object, float, str] | None = None

    def __call__(self, job: JobSnapshot) -> str:
        """The plot; threads that ask at once may draw it twice, which does no harm."""
        now, kept = time.monotonic(), self._kept
        drawn = len(job.losses) > 1
        known = (job.id, job.status, job.evaluations, job.best_step, job.marks, job.total_steps, drawn)
        if kept is not None and kept[0] == known and now - kept[1] < _SECONDS:
            return kept[2]
        plot = job_plot(job)
        self._kept = (known, now, plot)
        return plot
