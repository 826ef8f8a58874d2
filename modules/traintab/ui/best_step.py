"""The best step of the last training, and the button that makes it the embedding."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..errors import NothingToDoError
from ..jobs import JobSnapshot
from ..studio import Studio
from .messages import done

if TYPE_CHECKING:
    from ..training.best import UsedBest

__all__ = ["best_button", "best_html", "can_use_best", "use_best_step"]


def best_html(job: JobSnapshot) -> str:
    """Which step was the best so far, and what that means; nothing without evaluations."""
    if job.kind != "train" or job.best_step is None or not job.evaluations:
        return ""
    loss = min(value for _, value in job.evaluations)
    text = f"Best evaluation: step {job.best_step:,} (loss {loss:.4f})"
    text += ", the newest." if job.best_step == job.evaluations[-1][0] else "."
    return f'<div class="traintab-best">{html.escape(text)}</div>'


def can_use_best(job: JobSnapshot) -> bool:
    """Whether *Use this step* makes sense: the run rests, and ended at another step than its best."""
    rests = job.kind == "train" and not job.status.is_active
    return rests and job.best_step is not None and job.best_step != job.step


def use_best_step(studio: Studio) -> Callable[[], tuple[Any, ...]]:
    """The button's handler: the embedding becomes the best step of the last training; a message."""

    def handler() -> tuple[Any, ...]:
        from ..training.best import use_best

        folder = studio.snapshot().folder
        if not folder:
            raise NothingToDoError("There is no best step to use; train with evaluations first.")
        used = use_best(Path(folder), studio.paths)
        studio.embeddings_changed()
        return (done(" ".join(_told(one) for one in (used, *used.others))),)

    return handler


def _told(used: UsedBest) -> str:
    kept = f" What it held before is kept as {used.kept}." if used.kept is not None else ""
    return f"{used.name} is step {used.step} of its training now.{kept}"


def best_button() -> Any:
    """The button, in the current layout; nobody sees it until there is something to use."""
    return gr.Button("Use this step", elem_id="train_use_best_step", visible=False, min_width=150, scale=0)
