"""The model at the top of the page: which one is used, and how its loading goes."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..errors import BusyError, TrainTabError
from ..model_slot import ModelState
from .gradio_compat import listen, skip
from .messages import failed, guarded, sentence_of
from .model_choices import ModelChoices
from .page import Page

__all__ = ["ModelPicker", "pick", "refresh"]


def pick(page: Page, spec: str | None) -> tuple[Any, ...]:
    """Load another model in the background; a message, and what the picker shows.

    The status line tells how loading goes. What is loaded or loading already isn't loaded again, so that
    every way of leaving the field may call this. A mistake in a typed name stays to be corrected.
    """
    spec = str(spec or "").strip()
    current = page.studio.model_status.spec
    if spec == current:
        return "", skip()
    if not spec:
        return "", gr.update(value=current)
    try:
        page.studio.select_model(spec)
    except BusyError as error:
        return failed(sentence_of(error)), gr.update(value=current)
    return "", skip()


def refresh(page: Page, choices: ModelChoices) -> tuple[Any, ...]:
    """Look for models again, and try a failed load again; a message, and what the picker offers."""
    offered = gr.update(choices=choices.labelled())
    status = page.studio.model_status
    if status.state is ModelState.FAILED:
        try:
            page.studio.select_model(status.spec)
        except TrainTabError as error:
            return failed(sentence_of(error)), offered
    return "", offered


class ModelPicker:
    """Dropdown, refresh button and status line, made in the layout where it is constructed.

    The job view keeps `model` and `status` up to date, in every browser that has the page open.
    """

    def __init__(self, page: Page) -> None:
        self.choices = ModelChoices(page.studio)
        with gr.Row(elem_id="traintab_picker", elem_classes=["traintab-tight"]):
            self.model = gr.Dropdown(
                choices=self.choices.at_once(),
                value=page.studio.model_status.spec,
                label="Stable Diffusion checkpoint",
                allow_custom_value=True,
                elem_id="setting_sd_model_checkpoint",
                scale=8,
                min_width=200,
            )
            self.refresh = gr.Button(
                "↻",
                elem_id="refresh_sd_model_checkpoint",
                elem_classes=["traintab-tool"],
                min_width=40,
                scale=0,
            )
        self.status = gr.HTML(elem_id="traintab_model")

    def wire(self, page: Page, load: Any, message: Any) -> None:
        """Let the picker work; `load` is the page's event, `message` a `gr.HTML` for what went wrong."""
        outputs = [message, self.model]
        handler = guarded(lambda spec: pick(page, spec), outputs=2)
        listen(self.model.input, handler, [self.model], outputs, at_once=True)
        handler = guarded(lambda: refresh(page, self.choices), outputs=2)
        listen(self.refresh.click, handler, None, outputs)
        listen(load, lambda: gr.update(choices=self.choices.labelled()), None, self.model, at_once=True)
