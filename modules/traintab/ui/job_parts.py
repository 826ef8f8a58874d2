"""What the job view shows of a snapshot, part by part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from ..jobs import JobSnapshot, JobStatus
from ..model_slot import ModelStatus
from .best_step import best_html, can_use_best
from .job_html import model_html, notes_html, status_html, title_html
from .loss_plot import loss_plot
from .messages import done, failed
from .preprocess_result import can_use_result, skipped_html

__all__ = ["can_ask", "can_resume", "opened", "parts"]

_IMAGES_SHOWN = 12
_SMALL = (256, 256)


def parts(job: JobSnapshot, model: ModelStatus) -> dict[str, Any]:
    """Every part of the view as its component's value."""
    train = job.kind == "train"
    return {
        "status": status_html(job),
        "message": failed(job.error) if job.error else done(job.message),
        "notes": notes_html(job),
        "plot": loss_plot(job.losses, job.total_steps, job.evaluations, job.best_step) if train else "",
        "best": best_html(job),
        "use_best": gr.update(visible=can_use_best(job)),
        "skipped": skipped_html(job),
        "use_result": gr.update(visible=can_use_result(job)),
        "edit_result": gr.update(visible=can_use_result(job)),
        "gallery": gr.update(
            value=[(path, _caption(job, text)) for path, text in reversed(job.images[-_IMAGES_SHOWN:])],
            label="Previews" if train else "Training pictures",
        ),
        "interrupt": gr.update(interactive=job.status is JobStatus.RUNNING),
        "resume": gr.update(interactive=can_resume(job)),
        "sample": gr.update(interactive=can_ask(job)),
        "save": gr.update(interactive=can_ask(job)),
        "title": title_html(job),
        "model_status": model_html(model),
        "model_picker": gr.update(value=model.spec),
    }


def _caption(job: JobSnapshot, text: str) -> str:
    """Of a training picture's name `00013-0-name.png` only the numbers: the rest would be cut off."""
    return "-".join(text.split("-")[:2]) if job.kind == "preprocess" else text


def can_resume(job: JobSnapshot) -> bool:
    """Whether *Resume* makes sense: for the last job, or after preprocessing for an earlier run."""
    return not job.status.is_active and (job.resumable or job.kind == "preprocess")


def can_ask(job: JobSnapshot) -> bool:
    """Whether *Sample now* and *Save now* do something: a training counts its steps, and wasn't stopped."""
    return job.kind == "train" and job.status is JobStatus.RUNNING and bool(job.total_steps)


def opened(gallery: dict[str, Any], log_dir: Path) -> dict[str, Any]:
    """The gallery with pictures that gradio may show: it serves files of the log directory only.

    Others are sent as small pictures; what is gone or unreadable is left out.
    """
    shown = []
    for path, caption in gallery["value"]:
        picture = path if log_dir in Path(path).parents else _small_picture(path)
        if picture is not None and Path(path).is_file():
            shown.append((picture, caption))
    return {**gallery, "value": shown}


def _small_picture(path: str) -> Image.Image | None:
    try:
        with Image.open(path) as picture:
            picture.thumbnail(_SMALL)
            return picture.convert("RGB")
    except OSError:
        return None
