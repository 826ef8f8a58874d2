"""The panel *Preprocess images*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import PreprocessConfig, from_mapping
from .gradio_compat import listen
from .messages import done, guarded
from .page import Page
from .queue_adding import queue_button, queue_offered, queue_preprocessing

__all__ = ["PreprocessPanel", "preprocess"]


def preprocess(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Start the job; its message, and the destination for the Train panel's dataset directory."""
    page.remembered.remember(page.preprocess.section, values)
    config = from_mapping(PreprocessConfig, values)
    page.studio.preprocess(config)
    page.remembered.remember(page.train.section, {"data_dir": config.destination})
    return done("Preprocessing has started; the Train panel will use its destination."), config.destination


class PreprocessPanel:
    """Fields, button and message, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        form = page.preprocess
        form.field("source", placeholder="folder with your pictures")
        form.field("destination", placeholder="new folder for the training pictures")
        with gr.Row():
            form.field("width", placeholder="model's own")
            form.field("height", placeholder="model's own")
        with gr.Row():
            form.field("flip")
            form.field("existing_caption")
        with gr.Row():
            form.field("caption")
            form.field("caption_to")
        with gr.Row():
            for name in ("split", "focal_crop", "auto_size", "keep_original_size"):
                form.field(name, min_width=140)
        _details(page)
        with gr.Row():
            self.button = gr.Button("Preprocess", variant="primary", elem_id="train_run_preprocess", scale=4)
            self.queue = queue_button("preprocess")
        self.message = gr.HTML(elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> list[Any]:
        """Let the buttons work; returns their events."""
        form, outputs = page.preprocess, [self.message, page.train["data_dir"]]
        start = queue_offered(form.bound(lambda values: preprocess(page, values)))
        add = form.bound(lambda values: queue_preprocessing(page, values))
        return [
            listen(button.click, guarded(handler, outputs=len(outputs)), form.components, outputs)
            for button, handler in ((self.button, start), (self.queue, add))
        ]


def _details(page: Page) -> None:
    """The finer settings of the three ways to crop, out of the way."""
    form = page.preprocess
    groups = {
        "Split oversized images": ("split_threshold", "split_overlap"),
        "Auto focal point crop": ("face_weight", "entropy_weight", "edges_weight", "focal_debug"),
        "Auto-sized crop": (
            "dimension_lower",
            "dimension_upper",
            "area_lower",
            "area_upper",
            "auto_size_objective",
            "auto_size_threshold",
        ),
    }
    for title, names in groups.items():
        with gr.Accordion(title, open=False), gr.Row():
            for name in names:
                form.field(name, min_width=200)
