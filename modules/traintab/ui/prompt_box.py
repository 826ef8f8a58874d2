"""Prompts and the buttons beside them, as txt2img and img2img have them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import gradio as gr

from ..drawing import DrawnPicture
from ..studio import Studio
from .choices import names_for_prompts
from .drawing_view import Controls, DrawingView, chosen_infotext
from .form import Form
from .gradio_compat import listen
from .messages import guarded
from .page import Page
from .send_to import settings_into
from .token_counter import TokenLine

__all__ = ["PromptBox", "chips", "insert"]


# The web UI has the same id in both tabs.
_PASTE_IDS = MappingProxyType({"txt2img": "paste", "img2img": "img2img_paste"})


def insert(prompt: str, name: str) -> str:
    """The prompt with the embedding's name at its end."""
    prompt = prompt.rstrip()
    separator = "" if not prompt else " " if prompt.endswith(",") else ", "
    return f"{prompt}{separator}{name}"


def chips(studio: Studio) -> Any:
    """An update of the chips to the embeddings that are there; nothing is shown while there are none."""
    names = names_for_prompts(studio)
    return gr.update(samples=[[name] for name in names], visible=bool(names))


class PromptBox:
    """The components, made in the layout where it is constructed."""

    def __init__(self, form: Form) -> None:
        area = form.section
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                self.token_lines = _prompts(form)
            with gr.Column(scale=1, min_width=160):
                generate = gr.Button("Generate", variant="primary", elem_id=f"{area}_generate", size="lg")
                with gr.Row(elem_classes=["traintab-actions"]):
                    interrupt = gr.Button(
                        "Interrupt", elem_id=f"{area}_interrupt", interactive=False, min_width=70
                    )
                    skip = gr.Button("Skip", elem_id=f"{area}_skip", interactive=False, min_width=60)
                self.controls = Controls(generate, interrupt, skip)
                self.paste = gr.Button(
                    "↙ Read settings from the prompt", elem_id=_PASTE_IDS[area], size="sm", min_width=100
                )
        self.chips = gr.Dataset(
            samples=[],
            components=[gr.Textbox(visible=False)],
            label="Embeddings: click to insert",
            elem_id=f"{area}_chips",
            visible=False,
        )

    def wire(self, page: Page, form: Form, view: DrawingView) -> None:
        """Let the chips work, and the button that reads settings, from the prompt or the chosen picture."""
        prompt = form["prompt"]
        handler = partial(_inserted, page, form)
        listen(self.chips.click, handler, [self.chips, prompt], prompt, at_once=True)
        outputs = [view.message, *form.components]
        pasted = guarded(partial(_pasted, page, form), outputs=len(outputs))
        listen(self.paste.click, pasted, [prompt, view.pictures, view.chosen], outputs, at_once=True)


def _prompts(form: Form) -> tuple[TokenLine, TokenLine]:
    first, second = f"{form.section}_token_counter", f"{form.section}_negative_token_counter"
    placeholder = "Prompt; Ctrl+Enter draws"
    return (
        TokenLine.over(lambda: form.field("prompt", lines=3, max_lines=8, placeholder=placeholder), first),
        TokenLine.over(lambda: form.field("negative_prompt", lines=2, max_lines=6), second, is_negative=True),
    )


def _inserted(page: Page, form: Form, sample: Sequence[str], prompt: str) -> str:
    longer = insert(prompt, sample[0])
    page.remembered.remember(form.section, {"prompt": longer})
    return longer


def _pasted(
    page: Page, form: Form, prompt: str, pictures: Sequence[DrawnPicture], chosen: int
) -> tuple[Any, ...]:
    return settings_into(page, form, prompt.strip() or chosen_infotext(pictures, chosen))
