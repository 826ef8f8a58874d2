"""*Reset all fields* in the tab *Settings*: what the page remembered of its fields is forgotten."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .gradio_compat import listen
from .messages import done
from .page import Page
from .starting_values import fill_at_start

__all__ = ["ResetFields", "reset_fields"]

_RELOAD = '<span class="traintab-reload" hidden></span>'


def reset_fields(page: Page) -> str:
    """Forget all fields; a message, at which the script loads the page anew with the defaults.

    Those are what the fields start with, where that was chosen, else the built-in ones. Language, theme, the
    model and how it is loaded stay, and so do presets and all files.
    """
    page.remembered.forget(form.section for form in page.forms)
    fill_at_start(page)
    return done("All fields are at their defaults; load the page anew to see them.") + _RELOAD


class ResetFields:
    """The question after the button `ask`, and a message, made in the layout where it is constructed."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        with gr.Group(visible=False, elem_id="settings_reset_question") as self.question:
            gr.HTML(
                "<p>Every field of every tab goes back to its default. Presets, files, the model, language"
                " and theme stay.</p>"
            )
            with gr.Row(elem_classes=["traintab-actions"]):
                self.yes = gr.Button("Reset them", variant="stop", size="sm", elem_id="settings_reset_yes")
                self.no = gr.Button("Keep them", size="sm", elem_id="settings_reset_no")
        self.message = gr.HTML(elem_id="settings_reset_message", elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> None:
        """Ask first, then obey."""

        def obey() -> tuple[Any, ...]:
            return reset_fields(page), gr.update(visible=False)

        listen(self.ask.click, lambda: gr.update(visible=True), None, self.question, at_once=True)
        listen(self.no.click, lambda: gr.update(visible=False), None, self.question, at_once=True)
        listen(self.yes.click, obey, None, [self.message, self.question], at_once=True)
