"""The right side of the Train tab: what the job does, drawn from its snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from ..studio import Studio
from .best_step import best_button, use_best_step
from .gradio_compat import listen, poll, skip
from .job_parts import opened, parts
from .kept_steps import KeptSteps
from .messages import guarded
from .now_buttons import NowButtons
from .page import Page
from .preprocess_result import ResultButtons
from .queue_view import QueueView
from .resume_question import ResumeQuestion

__all__ = ["Elsewhere", "JobView", "pressed", "view"]


Seen = dict[str, str]


class Elsewhere(NamedTuple):
    """Parts of the view that stand in other places of the page: the browser tab's title and the model."""

    title: Any
    model_status: Any
    model_picker: Any


@dataclass(frozen=True)
class JobView:
    """The components, in the order of `parts`."""

    components: tuple[Any, ...]
    interrupt: Any
    resume: Any
    now: NowButtons
    question: ResumeQuestion
    queue: QueueView
    use_best: Any
    result: ResultButtons

    @classmethod
    def build(cls, elsewhere: Elsewhere) -> JobView:
        """Make the components in the current layout."""
        status = gr.HTML(elem_id="ti_progress")
        with gr.Row():
            interrupt = gr.Button(
                "Interrupt", elem_id="train_interrupt_training", interactive=False, min_width=120
            )
            resume = gr.Button("Resume", elem_id="train_resume_training", interactive=False, min_width=120)
            now = NowButtons.build()
        question = ResumeQuestion.build()
        message = gr.HTML(elem_id="ti_output", elem_classes=["traintab-slot"])
        result = ResultButtons.build()
        queue = QueueView.build()
        skipped = gr.HTML(elem_id="ti_skipped", elem_classes=["traintab-slot"])
        notes = gr.HTML(elem_id="ti_notes", elem_classes=["traintab-slot"])
        plot = gr.HTML(elem_id="ti_loss")
        with gr.Row(elem_classes=["traintab-tight"]):
            best = gr.HTML(elem_id="ti_best", elem_classes=["traintab-slot"])
            use_best = best_button()
        gallery = gr.Gallery(
            label="Previews",
            columns=4,
            height=300,
            object_fit="contain",
            elem_id="ti_gallery",
            show_label=True,
        )
        first = (status, message, notes, plot, best, use_best, skipped, *result)
        parts = (*first, gallery, interrupt, resume, *elsewhere)
        return cls(parts, interrupt, resume, now, question, queue, use_best, result)

    def wire(self, page: Page, load: Any, starts: list[Any], kept: KeptSteps) -> None:
        """Look when the page loads (`load`), every second, and right after each of the events `starts`.

        *Resume* goes on with the last job, or with an earlier run of the embedding in the Train panel; `kept`
        with one of its kept steps. Both ask when not everything is as it was.
        """
        studio = page.studio
        seen = gr.State({})
        look, outputs = view(studio), [seen, *self.components]
        listen(load, look, [seen], outputs, at_once=True)
        poll(look, [seen], outputs)
        message = self.components[1]
        stop = listen(self.interrupt.click, pressed(studio.interrupt), None, [message], at_once=True)
        go_on = self.question.wire(page, message, self.resume, kept)
        use_best = guarded(use_best_step(studio), outputs=1)
        used = listen(self.use_best.click, use_best, None, [message], at_once=True)
        starts = [*starts, stop, *go_on, used, *self.now.wire(studio, message)]
        for event in starts:
            listen(event.then, look, [seen], outputs, at_once=True)
        self.queue.wire(studio, load, starts)


def view(studio: Studio) -> Callable[[Seen], tuple[Any, ...]]:
    """A function of what a browser has seen: what it sees then, and each part that changed."""

    def look(seen: Seen) -> tuple[Any, ...]:
        values = parts(studio.snapshot(), studio.model_status)
        now = {name: repr(value) for name, value in values.items()}
        if now == seen:
            return tuple([skip()] * (len(values) + 1))
        changed = {name: value for name, value in values.items() if now[name] != seen.get(name)}
        if "gallery" in changed:
            changed["gallery"] = opened(changed["gallery"], studio.paths.log_dir)
        return now, *(changed.get(name, skip()) for name in values)

    return look


def pressed(action: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """The action as a button's handler: its success is seen in the job, its refusal is a message."""

    def handler(*values: Any) -> tuple[Any, ...]:
        action(*values)
        return (skip(),)

    return guarded(handler, outputs=1)
