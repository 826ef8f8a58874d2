"""The settings of a picture, as txt2img and img2img have them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import gradio as gr

from ..drawing import DrawnPicture
from .drawing_view import DrawingView
from .form import Form
from .gradio_compat import listen, skip
from .page import Page

__all__ = ["RANDOM_SEED", "GenerationFields", "set_seed"]

RANDOM_SEED = -1


class GenerationFields:
    """Sliders, boxes and the two seed buttons, made in the layout where it is constructed."""

    def __init__(self, form: Form) -> None:
        area = form.section
        with gr.Row():
            form.field("sampler", min_width=150)
            form.field("schedule_type", min_width=150)
        form.field("num_inference_steps")
        with gr.Row():
            placeholder = "model's own" if area == "txt2img" else "as picture"
            form.field("width", placeholder=placeholder, min_width=100)
            form.field("height", placeholder=placeholder, min_width=100)
            form.field("guidance_scale", placeholder="model's own", min_width=100)
        with gr.Row(elem_classes=["traintab-tight"]):
            form.field("seed", min_width=120, scale=8)
            self.random = _tool("🎲", f"{area}_random_seed")
            self.reuse = _tool("♻", f"{area}_reuse_seed")
        with gr.Row():
            form.field("count", min_width=150)
            form.field("batch_size", min_width=150)
        clip_skip = {} if area == "txt2img" else {"elem_id": f"{area}_clip_skip"}
        form.field("clip_skip", **clip_skip)

    def wire(self, page: Page, form: Form, view: DrawingView) -> None:
        """Let the seed's buttons work."""
        listen(
            self.random.click, partial(set_seed, page, form, RANDOM_SEED), None, form["seed"], at_once=True
        )
        reuse = partial(_reused, page, form)
        listen(self.reuse.click, reuse, [view.pictures, view.chosen], form["seed"], at_once=True)


def set_seed(page: Page, form: Form, seed: int) -> int:
    """The seed, which is remembered as if it had been typed."""
    page.remembered.remember(form.section, {"seed": seed})
    return seed


def _reused(page: Page, form: Form, pictures: Sequence[DrawnPicture], chosen: int) -> Any:
    """The seed of the picture that was clicked last, or of the first."""
    return set_seed(page, form, pictures[chosen].seed) if 0 <= chosen < len(pictures) else skip()


def _tool(text: str, elem_id: str) -> Any:
    return gr.Button(text, elem_id=elem_id, elem_classes=["traintab-tool"], min_width=40, scale=0)
