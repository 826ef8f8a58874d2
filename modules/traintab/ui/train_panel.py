"""The panel *Train*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import TrainingConfig, from_mapping
from .before_start import BeforeStartPart
from .choices import embedding_names, template_names
from .dataset_preview import DatasetPreviewPart
from .gradio_compat import listen, listen_to_form
from .kept_steps import KeptSteps
from .messages import done, guarded
from .page import Page
from .queue_adding import queue_button, queue_offered, queue_training
from .schedule_plot import SchedulePlot
from .setting_search import SettingSearch
from .shown_run import ShownRun
from .template_lines import TemplateLines
from .train_groups import train_groups

__all__ = ["TrainPanel", "train"]


def train(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Start training; a message."""
    page.remembered.remember(page.train.section, values)
    config = from_mapping(TrainingConfig, {**values, "model": page.studio.model_status.spec})
    page.studio.train(config)
    return (done(f"Training of {config.embedding_name} has started."),)


class TrainPanel:
    """Fields, buttons and message, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        form = page.train
        with gr.Row(elem_classes=["traintab-tight"]):
            form.field("embedding_name", choices=[], scale=8)
            self.refresh = gr.Button(
                "↻",
                elem_id="refresh_train_embedding_name",
                elem_classes=["traintab-tool"],
                min_width=40,
                scale=0,
            )
        form.field("data_dir", placeholder="folder with your training pictures")
        with gr.Row():
            form.field("template", choices=template_names(page.studio), min_width=180)
            form.field("learning_rate", min_width=180)
        self.template = TemplateLines()
        self.rate = SchedulePlot()
        with gr.Row():
            for name in ("steps", "batch_size", "width", "height"):
                placeholder = {"placeholder": "model's own"} if name in ("width", "height") else {}
                form.field(name, min_width=110, **placeholder)
        with gr.Row():
            form.field("preview_every", min_width=220)
            form.field("save_every", min_width=220)
        with gr.Row():
            self.button = gr.Button(
                "Train Embedding", variant="primary", elem_id="train_train_embedding", scale=4
            )
            self.queue = queue_button("train")
        self.message = gr.HTML(elem_classes=["traintab-slot"])
        self.before = BeforeStartPart()
        self.seen = DatasetPreviewPart()
        self.kept = KeptSteps()
        self.from_run = gr.Button("Load settings of a past run", size="sm", elem_id="train_load_from_run")
        self.find = SettingSearch()
        self.read_from_txt2img = train_groups(form)["train_preview_from_txt2img"]
        self.shown = ShownRun()

    def wire(self, page: Page) -> list[Any]:
        """Let the buttons work; returns the events that start training or queue it."""
        form = page.train
        self.kept.wire(page)
        self.rate.wire(form)
        self.seen.wire(page)
        listen(
            self.refresh.click,
            lambda: gr.update(choices=embedding_names(page.studio)),
            None,
            form["embedding_name"],
        )
        start = queue_offered(form.bound(lambda values: train(page, values)))
        add = form.bound(lambda values: queue_training(page, values))
        return [
            listen_to_form(button.click, guarded(handler, outputs=1), form.components, [self.message])
            for button, handler in ((self.button, start), (self.queue, add))
        ]
