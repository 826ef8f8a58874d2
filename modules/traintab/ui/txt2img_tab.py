"""The tab *txt2img*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import GenerationConfig, from_mapping
from .drawing_view import DrawingView
from .generation_fields import GenerationFields
from .gradio_compat import listen_to_form
from .messages import guarded
from .page import Page
from .prompt_box import PromptBox
from .send_to import SendButtons

__all__ = ["Txt2ImgTab", "generate"]


def generate(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Begin to draw; no message, because the view tells how it goes."""
    page.remembered.remember(page.txt2img.section, values)
    page.studio.draw(from_mapping(GenerationConfig, values))
    return ("",)


class Txt2ImgTab:
    """Prompt, settings and pictures, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        self.prompts = PromptBox(page.txt2img)
        with gr.Row(elem_classes=["traintab-generation"]):
            with gr.Column(scale=1, min_width=320):
                self.fields = GenerationFields(page.txt2img)
            with gr.Column(scale=1, min_width=320, elem_classes=["traintab-results"]):
                self.view = DrawingView.build("txt2img")
                self.send = SendButtons("txt2img", ("img2img", "preview prompt"))

    def wire(self, page: Page) -> None:
        """Let everything work."""
        form = page.txt2img
        handler = guarded(form.bound(lambda values: generate(page, values)), outputs=1)
        controls = self.prompts.controls
        start = listen_to_form(
            controls.generate.click, handler, form.components, [self.view.message], at_once=True
        )
        self.prompts.wire(page, form, self.view)
        self.fields.wire(page, form, self.view)
        self.view.wire(page, controls, [start])
