"""What the job view shows of a snapshot, part by part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from ..jobs import JobSnapshot, JobStatus
from ..model_slot import ModelStatus
from .best_step import best_html, can_use_best
from .gradio_compat import skip
from .job_failure import failure_html
from .job_html import model_html, notes_html, status_html, title_html
from .job_log_html import log_html
from .job_plot import job_plot
from .messages import done, failed
from .preprocess_result import can_use_result, skipped_html
from .preview_timeline import timeline_version
from .share_row import can_share
from .use_in_txt2img import can_draw

__all__ = ["can_ask", "can_resume", "parts"]


def parts(
    job: JobSnapshot, model: ModelStatus, plot: Callable[[JobSnapshot], str] = job_plot
) -> dict[str, Any]:
    """Every part of the view as its component's value; of the previews what changes when they do."""
    return {
        "status": status_html(job),
        "message": failed(job.error) if job.error else done(job.message),
        "notes": notes_html(job),
        "help": failure_html(job),
        "plot": plot(job),
        "best": best_html(job),
        "use_best": gr.update(visible=can_use_best(job)),
        "skipped": skipped_html(job),
        "use_result": gr.update(visible=can_use_result(job)),
        "edit_result": gr.update(visible=can_use_result(job)),
        "use_in_txt2img": gr.update(visible=can_draw(job)),
        "previews": timeline_version(job),
        "share": gr.update(visible=can_share(job)),
        "log": log_html(job),
        "interrupt": gr.update(interactive=job.status is JobStatus.RUNNING),
        "resume": gr.update(interactive=can_resume(job)),
        "sample": gr.update(interactive=can_ask(job)),
        "save": gr.update(interactive=can_ask(job)),
        "train_said": _said(job, "train"),
        "preprocess_said": _said(job, "preprocess"),
        "title": title_html(job),
        "model_status": model_html(model),
        "model_picker": gr.update(value=model.spec),
    }


def _said(job: JobSnapshot, kind: str) -> Any:
    """What a panel said when it started its job, or why not, is over once that has ended or another began."""
    return skip() if job.status.is_active and job.kind == kind else ""


def can_resume(job: JobSnapshot) -> bool:
    """Whether *Resume* makes sense: for the last job, or after preprocessing for an earlier run."""
    return not job.status.is_active and (job.resumable or job.kind == "preprocess")


def can_ask(job: JobSnapshot) -> bool:
    """Whether *Sample now* and *Save now* do something: a training counts its steps, and wasn't stopped."""
    return job.kind == "train" and job.status is JobStatus.RUNNING and bool(job.total_steps)
