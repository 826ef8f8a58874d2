"""The panel *Preprocess images*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import PreprocessConfig, from_mapping
from .captions.part import CaptionsPart
from .folder_check import FolderCheckPart
from .gradio_compat import listen_to_form, skip
from .messages import done, guarded
from .page import Page
from .preprocess_end import note_start
from .preprocess_groups import build_preprocess_fields
from .queue_adding import queue_button, queue_offered, queue_preprocessing

__all__ = ["PreprocessPanel", "preprocess"]


def preprocess(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Start the job; its message, and nothing for the Train panel's dataset directory as yet."""
    page.remembered.remember(page.preprocess.section, values)
    config = from_mapping(PreprocessConfig, values)
    page.studio.preprocess(config)
    note_start(page)
    return done("Preprocessing has started."), skip()


class PreprocessPanel:
    """Two inner tabs, made in the layout where it is constructed: the pictures, and their captions."""

    def __init__(self, page: Page) -> None:
        with gr.Tabs(elem_id="preprocess_tabs", selected="pictures") as self.tabs:
            with gr.Tab("Pictures", id="pictures", elem_id="preprocess_pictures_tab"):
                self.upload = build_preprocess_fields(page.preprocess)
                with gr.Row():
                    self.folder_check = FolderCheckPart()
                    self.button = gr.Button(
                        "Preprocess", variant="primary", elem_id="train_run_preprocess", scale=4
                    )
                    self.queue = queue_button("preprocess")
                self.message = gr.HTML(elem_classes=["traintab-slot"])
                self.folder_check.build_result(self.message)
            with gr.Tab("Captions", id="captions", elem_id="preprocess_captions_tab"):
                self.captions = CaptionsPart(page)

    def wire(self, page: Page) -> list[Any]:
        """Let the buttons work; returns their events."""
        self.upload.wire(page)
        form, outputs = page.preprocess, [self.message, page.train["data_dir"]]
        start = queue_offered(form.bound(lambda values: preprocess(page, values)))
        add = form.bound(lambda values: queue_preprocessing(page, values))
        return [
            listen_to_form(button.click, guarded(handler, outputs=len(outputs)), form.components, outputs)
            for button, handler in ((self.button, start), (self.queue, add))
        ]
