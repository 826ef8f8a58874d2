"""What the HTTP endpoints and `--json` answer: plain JSON values, non-finite numbers as null."""

from __future__ import annotations

import math
from typing import Any

from .jobs import JobSnapshot, JobStatus

__all__ = ["error_answer", "job_answer"]

_EVENTS = {
    JobStatus.IDLE: "idle",
    JobStatus.RUNNING: "step_completed",
    JobStatus.STOPPING: "step_completed",
    JobStatus.INTERRUPTED: "training_interrupted",
    JobStatus.FINISHED: "training_finished",
    JobStatus.FAILED: "error",
}


def job_answer(job: JobSnapshot) -> dict[str, Any]:
    """The last thing that can be said of a job, as the event it corresponds to, with its progress."""
    started = job.status is JobStatus.RUNNING and job.loss is None
    return {
        "event": "training_started" if started else _EVENTS[job.status],
        "job": job.id,
        "kind": job.kind,
        "title": job.title,
        "status": job.status.value,
        "step": job.step,
        "total_steps": job.total_steps,
        "epoch": job.epoch,
        "loss": _finite(job.loss),
        "learning_rate": _finite(job.learning_rate),
        "eta_seconds": _finite(job.eta_seconds),
        "path": job.folder or None,
        "message": job.error or job.message,
    }


def error_answer(sentence: str) -> dict[str, Any]:
    """An error, with its sentence."""
    return {"event": "error", "message": sentence}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
