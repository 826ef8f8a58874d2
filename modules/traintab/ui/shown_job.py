"""What all open pages show of the job, worked out once for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ..jobs import JobSnapshot, JobStatus
from ..studio import Studio
from .job_parts import parts
from .job_plot import KeptPlot
from .preview_timeline import PreviewTimeline
from .pulse import Part

__all__ = ["ShownJob"]

_SECONDS = 1.0


class ShownJob:
    """The parts of the job view, in the order of `parts`; while a job runs at most a second old.

    A training makes a dozen steps a second, and every page asks once: what they are told needs the thread
    that trains.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._previews, self._plot = PreviewTimeline(studio.paths), KeptPlot()
        self._kept: tuple[object, object, float, list[Part]] | None = None

    def __call__(self) -> list[Part]:
        """The parts as they are; threads that ask at once may work them out twice, which does no harm."""
        job, model = self._studio.snapshot(), self._studio.model_status
        state, now, kept = (job.id, job.status, model), time.monotonic(), self._kept
        if kept is not None and kept[0] == state:
            is_recent = job.status is JobStatus.RUNNING and now - kept[2] < _SECONDS
            if is_recent or kept[1] == job.revision:
                return kept[3]
        made = [self._part(job, name, value) for name, value in parts(job, model, self._plot).items()]
        self._kept = state, job.revision, now, made
        return made

    def _part(self, job: JobSnapshot, name: str, value: Any) -> Part:
        """What panels said ends anew with every job; previews are looked for when they have changed."""
        version = (job.id, value) if name.endswith("_said") else value
        look: Callable[[], Any] = partial(self._previews.of, job) if name == "previews" else lambda: value
        return Part(version, look)
