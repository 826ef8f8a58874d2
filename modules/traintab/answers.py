"""What the HTTP endpoints and `--json` answer: plain JSON values, non-finite numbers as null."""

from __future__ import annotations

import math
from typing import Any

from .jobs import JobSnapshot, JobStatus, QueueEntry, QueueSnapshot

__all__ = ["error_answer", "job_answer", "queue_answer", "queue_entry_answer"]

_WORDS = {JobStatus.INTERRUPTED: "interrupted", JobStatus.FINISHED: "finished"}
_NAMES = {"train": "training"}


def job_answer(job: JobSnapshot) -> dict[str, Any]:
    """The last thing that can be said of a job, as the event it corresponds to, with its progress."""
    return {
        "event": _event(job),
        "job": job.id,
        "kind": job.kind,
        "title": job.title,
        "status": job.status.value,
        "step": job.step,
        "total_steps": job.total_steps,
        "epoch": job.epoch,
        "loss": _finite(job.loss),
        "learning_rate": _finite(job.learning_rate),
        "evaluation_loss": _finite(job.evaluations[-1][1]) if job.evaluations else None,
        "best_step": job.best_step,
        "eta_seconds": _finite(job.eta_seconds),
        "path": job.folder or job.result_folder or None,
        "message": job.error or job.message,
    }


def _event(job: JobSnapshot) -> str:
    if job.status is JobStatus.IDLE:
        return "idle"
    if job.status is JobStatus.FAILED:
        return "error"
    if job.status.is_active and job.loss is not None:
        return "step_completed"
    return f"{_NAMES.get(job.kind, job.kind)}_{_WORDS.get(job.status, 'started')}"


def error_answer(sentence: str) -> dict[str, Any]:
    """An error, with its sentence."""
    return {"event": "error", "message": sentence}


def queue_entry_answer(entry: QueueEntry) -> dict[str, Any]:
    """An entry of the queue; `path` is the folder of the run it became."""
    return {
        "event": "queue_entry",
        "id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "detail": entry.detail,
        "status": entry.status.value,
        "added": entry.added,
        "ended": entry.ended or None,
        "job": entry.job or None,
        "path": entry.folder or None,
        "message": entry.message,
    }


def queue_answer(queue: QueueSnapshot) -> dict[str, Any]:
    """The queue in its order; `held` says why nothing is started, `runner` who else works it off."""
    return {
        "event": "queue",
        "held": queue.held or None,
        "runner": queue.runner or None,
        "entries": [queue_entry_answer(entry) for entry in queue.entries],
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
