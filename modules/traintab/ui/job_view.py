"""The right side of the Train tab: what the job does, drawn from its snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from ..jobs import JobSnapshot
from ..model_slot import ModelStatus
from .best_step import best_button, use_best_step
from .gradio_compat import listen, skip
from .job_parts import parts
from .kept_steps import KeptSteps
from .messages import guarded
from .notify import build_notify
from .now_buttons import NowButtons
from .page import Page
from .plot_tools import plot_tools
from .preprocess_result import ResultButtons
from .preview_timeline import build_timeline
from .queue_view import QueueView
from .resume_question import ResumeQuestion
from .share_row import ShareRow, job_copy
from .shown_job import ShownJob
from .use_in_txt2img import UseInTxt2img

__all__ = ["Elsewhere", "JobView", "pressed"]


class Elsewhere(NamedTuple):
    """Parts of the view that stand in other places of the page: the browser tab's title and the model."""

    title: Any
    model_status: Any
    model_picker: Any


@dataclass(frozen=True)
class JobView:
    """The components that follow the job, by the names and in the order of `parts`, and those that act."""

    components: Mapping[str, Any]
    now: NowButtons
    question: ResumeQuestion
    queue: QueueView
    result: ResultButtons
    share: ShareRow
    use: UseInTxt2img

    @classmethod
    def build(cls, elsewhere: Elsewhere, said: Mapping[str, Any]) -> JobView:
        """Make the components in the current layout: from top to bottom as they are seen.

        `said` are the messages of the panels that start jobs, by the jobs' kind.
        """
        made: dict[str, Any] = {"status": gr.HTML(elem_id="ti_progress")}
        with gr.Row():
            made["interrupt"] = _button("Interrupt", "train_interrupt_training")
            made["resume"] = _button("Resume", "train_resume_training")
            now = NowButtons.build()
            made |= {"sample": now.sample, "save": now.save}
        build_notify()
        question = ResumeQuestion.build()
        made["message"] = _slot("ti_output")
        result = ResultButtons.build()
        use = UseInTxt2img()
        queue = QueueView.build()
        made |= {"use_result": result.use, "edit_result": result.edit, "use_in_txt2img": use.button}
        made |= {"help": _slot("ti_help"), "skipped": _slot("ti_skipped"), "notes": _slot("ti_notes")}
        plot_tools()
        made["plot"] = gr.HTML(elem_id="ti_loss")
        with gr.Row(elem_classes=["traintab-tight"]):
            made |= {"best": _slot("ti_best"), "use_best": best_button()}
        # Below the curve: previews, then sharing; each adds its line here, and what follows the job its part
        # in job_parts.py. Comparing steps comes next, and the log last.
        made["previews"] = build_timeline()
        share = ShareRow.build("train", visible=False)
        made["share"] = share.row
        made["log"] = gr.HTML(elem_id="ti_log", elem_classes=["traintab-slot"], render=False)
        made |= elsewhere._asdict() | {f"{kind}_said": message for kind, message in said.items()}
        names = parts(JobSnapshot(), ModelStatus(spec=""))
        return cls({name: made[name] for name in names}, now, question, queue, result, share, use)

    def place_log(self) -> None:
        """Put the folded log into the current layout: it is looked at last, and grows longest."""
        with gr.Accordion("Log", open=False, elem_id="ti_log_fold"):
            self.components["log"].render()

    def wire(self, page: Page, starts: list[Any], kept: KeptSteps) -> None:
        """Follow the job, and look right after each of the events `starts`.

        *Resume* goes on with the last job, or with an earlier run of the embedding in the Train panel; `kept`
        with one of its kept steps. Both ask when not everything is as it was.
        """
        studio = page.studio
        page.pulse.show(ShownJob(studio), list(self.components.values()))
        made, message = self.components, self.components["message"]
        stop = listen(made["interrupt"].click, pressed(studio.interrupt), None, [message], at_once=True)
        go_on = self.question.wire(page, message, made["resume"], kept)
        use_best = guarded(use_best_step(studio), outputs=1)
        used = listen(made["use_best"].click, use_best, None, [message], at_once=True)
        page.pulse.after(*starts, stop, *go_on, used, *self.now.wire(studio, message))
        self.queue.wire(page)
        self.share.wire(lambda: job_copy(studio))


def _button(label: str, elem_id: str) -> Any:
    return gr.Button(label, elem_id=elem_id, interactive=False, min_width=105)


def _slot(elem_id: str) -> Any:
    """Where a sentence or a list appears, and nothing is seen before."""
    return gr.HTML(elem_id=elem_id, elem_classes=["traintab-slot"])


def pressed(action: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """The action as a button's handler: its success is seen in the job, its refusal is a message."""

    def handler(*values: Any) -> tuple[Any, ...]:
        action(*values)
        return (skip(),)

    return guarded(handler, outputs=1)
