"""The question before a run goes on by other settings or with other pictures than it began with."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..configs import LoadingConfig, to_mapping
from .gradio_compat import listen, listen_to_form, skip
from .kept_steps import KeptSteps, chosen_step
from .messages import guarded
from .page import Page

if TYPE_CHECKING:
    from ..training.differences import Difference

__all__ = ["ResumeQuestion", "answered", "asked"]

_INPUTS = ("pictures", "captions", "template_lines")
_NOTE = (
    "<p>Pictures, captions and template are used as they are now either way. A new run begins from the"
    " embedding's file; the one that was left is kept.</p>"
)


@dataclass(frozen=True)
class ResumeQuestion:
    """A box that nobody sees until there is something to ask; `pending` holds what it is about."""

    pending: Any
    box: Any
    text: Any
    as_it_was: Any
    by_new_settings: Any
    anew: Any

    @classmethod
    def build(cls) -> ResumeQuestion:
        """Make the components in the current layout."""
        with gr.Group(visible=False, elem_id="train_resume_question") as box:
            text = gr.HTML(elem_id="train_resume_differences")
            with gr.Row():
                as_it_was = gr.Button("Go on as it was", elem_id="train_resume_as_it_was", min_width=120)
                by_new = gr.Button(
                    "Go on with the new settings", elem_id="train_resume_by_new", min_width=120
                )
                anew = gr.Button("Start a new run", elem_id="train_resume_anew", min_width=120)
        return cls(gr.State({}), box, text, as_it_was, by_new, anew)

    def wire(self, page: Page, message: Any, resume: Any, kept: KeptSteps) -> list[Any]:
        """Ask before *Resume* and before *Continue from this step*; the events after which to look."""
        outputs = [message, self.pending, self.box, self.text, self.as_it_was, self.by_new_settings]
        form = page.train
        ask = guarded(form.bound(lambda values, *rest: asked(page, values, *rest)), outputs=len(outputs))
        inputs = form.components
        events = [
            listen_to_form(resume.click, ask, inputs, outputs),
            listen_to_form(kept.button.click, ask, [*inputs, kept.step], outputs),
        ]
        for choice in ("as_it_was", "by_new_settings", "anew"):
            answer = guarded(answered(page, choice), outputs=2)
            button = getattr(self, choice)
            events.append(listen(button.click, answer, [self.pending], [message, self.box]))
        return events


def asked(page: Page, values: dict[str, Any], *kept: str | None) -> tuple[Any, ...]:
    """Go on when nothing has changed, else show what has: message, pending, box, text, two buttons.

    `kept` is what was chosen of the kept steps. Without it this is about the last job when that can go on,
    else about the embedding that is selected.
    """
    studio, selected = page.studio, str(values["embedding_name"] or "")
    is_last_job = not kept and studio.snapshot().resumable
    name = studio.resuming.named() if is_last_job else selected
    about: dict[str, Any] = {"name": name, "from_step": chosen_step(*kept) if kept else None}
    changes = _changes(page, values) if name == selected else {}
    different = studio.resuming.differences(**about, changes=changes)
    if not different:
        studio.resuming.go_on(**about)
        return skip(), {}, gr.update(visible=False), "", skip(), skip()
    by_settings = any(one.field not in _INPUTS for one in different)
    label = gr.update(value="Go on as it was" if by_settings else "Go on")
    pending = {**about, "changes": changes}
    return (
        "",
        pending,
        gr.update(visible=True),
        question_html(different),
        label,
        gr.update(visible=by_settings),
    )


def answered(page: Page, choice: str) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """The handler of a button: it does what was chosen, and the question goes away."""

    def handler(pending: dict[str, Any]) -> tuple[Any, ...]:
        resuming = page.studio.resuming
        if choice == "as_it_was":
            resuming.go_on(pending["name"], from_step=pending["from_step"])
        elif choice == "by_new_settings":
            resuming.go_on(**pending)
        else:
            resuming.start_anew(**pending)
        return skip(), gr.update(visible=False)

    return handler


def question_html(different: Sequence[Difference]) -> str:
    """A table of what was and what is, and what the buttons mean."""
    rows = "".join(
        f"<tr><td>{html.escape(one.label)}</td><td>{html.escape(one.then)}</td>"
        f"<td>{html.escape(one.now)}</td></tr>"
        for one in different
    )
    head = "<tr><th></th><th>when it was left</th><th>now</th></tr>"
    return f"<p>Not everything is as it was when this run was left:</p><table>{head}{rows}</table>{_NOTE}"


def _changes(page: Page, values: dict[str, Any]) -> dict[str, Any]:
    """The settings that the page shows now, with the model and how it is loaded."""
    loading = to_mapping(page.remembered.config("loading", LoadingConfig))
    return {**values, **loading, "model": page.studio.model_status.spec}
