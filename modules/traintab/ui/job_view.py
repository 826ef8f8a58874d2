"""The right side of the Train tab: what the job does, drawn from its snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ..jobs import JobSnapshot, JobStatus
from ..model_slot import ModelStatus
from ..studio import Studio
from .gradio_compat import listen, poll, skip
from .job_html import model_html, status_html, title_html
from .loss_plot import loss_plot
from .messages import done, failed, guarded

__all__ = ["JobView", "parts", "pressed", "view"]

_IMAGES_SHOWN = 12

Seen = dict[str, str]


@dataclass(frozen=True)
class JobView:
    """The components, in the order of `parts`."""

    components: tuple[Any, ...]
    interrupt: Any
    resume: Any

    @classmethod
    def build(cls, model_line: Any, title: Any) -> JobView:
        """Make the components in the current layout; `model_line` and `title` stand elsewhere on the page."""
        status = gr.HTML(elem_id="ti_progress")
        with gr.Row():
            interrupt = gr.Button(
                "Interrupt", elem_id="train_interrupt_training", interactive=False, min_width=120
            )
            resume = gr.Button("Resume", elem_id="train_resume_training", interactive=False, min_width=120)
        message = gr.HTML(elem_id="ti_output", elem_classes=["traintab-slot"])
        plot = gr.HTML(elem_id="ti_loss")
        gallery = gr.Gallery(
            label="Previews",
            columns=4,
            height=300,
            object_fit="contain",
            elem_id="ti_gallery",
            show_label=True,
        )
        components = (status, message, plot, gallery, interrupt, resume, title, model_line)
        return cls(components=components, interrupt=interrupt, resume=resume)

    def wire(self, studio: Studio, load: Any, starts: list[Any]) -> None:
        """Look when the page loads (`load`), every second, and right after each of the events `starts`.

        The two buttons work too.
        """
        seen = gr.State({})
        look, outputs = view(studio), [seen, *self.components]
        listen(load, look, [seen], outputs, at_once=True)
        poll(look, [seen], outputs)
        message = self.components[1]
        for button, action in ((self.interrupt, studio.interrupt), (self.resume, studio.resume)):
            starts = [*starts, listen(button.click, pressed(action), None, [message], at_once=True)]
        for event in starts:
            listen(event.then, look, [seen], outputs, at_once=True)


def view(studio: Studio) -> Callable[[Seen], tuple[Any, ...]]:
    """A function of what a browser has seen: what it sees then, and each part that changed."""

    def look(seen: Seen) -> tuple[Any, ...]:
        values = parts(studio.snapshot(), studio.model_status)
        now = {name: repr(value) for name, value in values.items()}
        if now == seen:
            return tuple([skip()] * (len(values) + 1))
        return now, *(value if now[name] != seen.get(name) else skip() for name, value in values.items())

    return look


def parts(job: JobSnapshot, model: ModelStatus) -> dict[str, Any]:
    """Every part of the view as its component's value."""
    return {
        "status": status_html(job),
        "message": failed(job.error) if job.error else done(job.message),
        "plot": loss_plot(job.losses, job.total_steps) if job.kind == "train" else "",
        "gallery": _gallery(job),
        "interrupt": gr.update(interactive=job.status is JobStatus.RUNNING),
        "resume": gr.update(interactive=job.resumable and not job.status.is_active),
        "title": title_html(job),
        "model": model_html(model),
    }


def _gallery(job: JobSnapshot) -> Any:
    """The newest pictures first; previews with their step, training pictures without their long names."""
    images = [pair for pair in reversed(job.images) if Path(pair[0]).is_file()][:_IMAGES_SHOWN]
    if job.kind == "train":
        return gr.update(value=images, label="Previews")
    return gr.update(value=[path for path, _ in images], label="Training pictures")


def pressed(action: Callable[[], Any]) -> Callable[[], tuple[Any, ...]]:
    """The action as a button's handler: its success is seen in the job, its refusal is a message."""

    def handler() -> tuple[Any, ...]:
        action()
        return (skip(),)

    return guarded(handler, outputs=1)
