"""The tab *Train*: the panels on the left, the job on the right."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .create_panel import CreatePanel
from .gradio_compat import listen
from .grid.panel import GridPanel
from .history.panel import RunHistoryPanel
from .job_view import Elsewhere, JobView
from .page import Page
from .preprocess_end import follow_end
from .preprocess_panel import PreprocessPanel
from .preset_choice import PresetChoice
from .train_panel import TrainPanel

__all__ = ["TrainTab"]


class TrainTab:
    """The tab's parts, made in the layout where it is constructed.

    `elsewhere` are the parts of the job view that stand in other places of the page.
    """

    def __init__(self, page: Page, elsewhere: Elsewhere) -> None:
        with gr.Row(elem_id="ti_columns"):
            with gr.Column(scale=6, min_width=340, elem_id="ti_panels"):
                self.preset = PresetChoice(page)
                with gr.Tabs(elem_id="train_tabs", selected="create") as self.tabs:
                    with gr.Tab("Create embedding", id="create", elem_id="create_embedding"):
                        self.create = CreatePanel(page)
                    with gr.Tab("Preprocess images", id="preprocess", elem_id="preprocess_images"):
                        self.preprocess = PreprocessPanel(page)
                    with gr.Tab("Train", id="train", elem_id="train"):
                        self.train = TrainPanel(page)
                    with gr.Tab("Past runs", id="runs", elem_id="past_runs") as self.runs_tab:
                        self.runs = RunHistoryPanel(page)
            with gr.Column(scale=5, min_width=340, elem_id="ti_gallery_container"):
                said = {"train": self.train.message, "preprocess": self.preprocess.message}
                self.job = JobView.build(elsewhere, said)
                self.grid = GridPanel.build(page)
                self.job.place_log()

    def wire(self, page: Page, load: Any, first_screen: Any, starts: list[Any]) -> None:
        """Let everything work.

        `load` is the page's event, `first_screen` folds away once there is an embedding, `starts` are
        events after which the job view looks.
        """
        watch = self.watch = self.preset.wire(page, self.train.shown)
        created = self.create.wire(page, first_screen)
        for event in (created, *starts):
            watch.after(event.then)
        self.train.before.wire(page, watch, self.train.message)
        self.train.template.wire(page, load)
        events = [created, *self.preprocess.wire(page), *self.train.wire(page)]
        watch.after(follow_end(page, self.preprocess.message))
        self.job.wire(page, [*events, *starts], self.train.kept)
        self.grid.wire(page, load, self.job.question)
        watch.after(self.job.result.wire(page, self.train.message, self.tabs, self.preprocess).then)
        listen(self.train.from_run.click, lambda: gr.update(selected="runs"), None, [self.tabs], at_once=True)
        opens = (self.runs_tab.select, self.train.from_run.click)
        for event in self.runs.wire(page, opens, self.tabs, self.train.message):
            watch.after(event.then)
        self.preprocess.captions.wire(load)
        self.preprocess.folder_check.wire(page)
