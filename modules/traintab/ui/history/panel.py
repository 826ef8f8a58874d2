"""The part *Past runs* of the Train tab: its components, and what they listen to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ..gradio_compat import hidden_text, listen, listen_to_latest, skip
from ..gradio_dropdown import dropdown
from ..messages import guarded
from ..page import Page
from ..share_row import ShareRow, run_copy
from .actions import chosen, clicked, delete, load_file, load_settings, show_folder, undo_delete
from .details_html import NO_RUN_CHOSEN
from .list_html import NOTHING_YET
from .views import A_PAGE, RunViews

__all__ = ["RunHistoryPanel"]


class RunHistoryPanel:
    """The components, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        self._views = RunViews(page.studio)
        with gr.Row(elem_classes=["traintab-tight"]):
            self.search = gr.Textbox(
                "", label="Find a run", placeholder="name, day or model", elem_id="runs_search", scale=8
            )
            self.refresh = gr.Button(
                "↻", elem_id="refresh_runs", elem_classes=["traintab-tool"], min_width=40, scale=0
            )
        self.list = gr.HTML(NOTHING_YET, elem_id="runs_list", elem_classes=["traintab-slot"])
        self.older = gr.Button("Show older runs", size="sm", elem_id="runs_older", visible=False)
        with gr.Row():
            self.run = _chooser("Run", "runs_run")
            self.other = _chooser("Compare with", "runs_other")
            self.clicked = hidden_text("", elem_id="runs_clicked")
        self.message = gr.HTML(elem_id="runs_message", elem_classes=["traintab-slot"])
        with gr.Row(elem_classes=["traintab-actions"]):
            self.load = _button("Load these settings", "runs_load")
            self.open = _button("Open folder", "runs_open")
            self.delete = _button("Delete run", "runs_delete")
            waiting = bool(page.studio.runs.deleted())
            self.undo = _button("Undo delete", "runs_undo", interactive=True, visible=waiting)
        self.details = gr.HTML(NO_RUN_CHOSEN, elem_id="runs_details", elem_classes=["traintab-slot"])
        with gr.Accordion("Download an embedding of this run", open=False, visible=False) as self.sharing:
            self.step = dropdown([], label="Step", elem_id="runs_share_step")
            self.share = ShareRow.build("runs")
        with gr.Accordion("Load settings from a file", open=False):
            self.file = gr.File(
                label="A run.yaml, or a web UI's settings-….json",
                file_types=[".yaml", ".yml", ".json"],
                elem_id="runs_settings_file",
                height=110,
            )

    def wire(self, page: Page, opens: Sequence[Any], tabs: Any, train_message: Any) -> list[Any]:
        """Let everything work: the list is read after each of the events that open this part, `opens`.

        `tabs` are those of the Train tab, `train_message` tells in the Train panel what was loaded. Gives the
        events that fill in the fields of the Train panel.
        """
        count, opened = gr.State(A_PAGE), gr.State(False)
        inputs, outputs = [opened, self.search, count], [self.list, self.run, self.other, self.older]

        def look(is_open: bool, search: str, count: int) -> tuple[Any, ...]:
            return self._views.listed(search, count) if is_open else (skip(),) * len(outputs)

        first = [listen(event, lambda: True, None, [opened], at_once=True).then for event in opens]
        older = listen(self.older.click, lambda count: count + A_PAGE, [count], [count], at_once=True)
        for event in (self.refresh.click, *first, older.then, *self._wire_trash(page)):
            listen(event, look, inputs, outputs, at_once=True)
        listen_to_latest(self.search.input, look, inputs, outputs, at_once=True)
        job = page.studio.snapshot
        page.pulse.follow(lambda: (job().id, job().status), look, inputs, outputs)
        self._wire_choice(page)
        return self._wire_loading(page, tabs, train_message)

    def _wire_choice(self, page: Page) -> None:
        """Show what is chosen, here or by a click in the list."""
        choosers = [self.run, self.other]
        listen(self.clicked.change, clicked, [self.clicked, self.run], choosers, at_once=True)
        outputs = [self.details, self.load, self.open, self.delete, self.sharing, self.step]
        handler = guarded(lambda place, other: chosen(page, self._views, place, other), outputs=len(outputs))
        for chooser in choosers:
            listen_to_latest(chooser.change, handler, choosers, outputs, at_once=True)
        sources = [self.run, self.step]
        self.share.wire(lambda place, step: run_copy(page.studio, place, step), sources)

    def _wire_loading(self, page: Page, tabs: Any, train_message: Any) -> list[Any]:
        filled = [self.message, train_message, tabs, *page.train.components]
        load = guarded(lambda place: load_settings(page, place), outputs=len(filled))
        read = guarded(lambda file: load_file(page, file), outputs=len(filled))
        return [
            listen(self.load.click, load, [self.run], filled, at_once=True),
            listen(self.file.upload, read, [self.file], filled, at_once=True),
        ]

    def _wire_trash(self, page: Page) -> list[Any]:
        """The events after which the list is another one; *Open folder* is wired on the way."""

        def opened(place: str | None, request: gr.Request) -> tuple[Any, ...]:
            return show_folder(page, place, request)

        listen(self.open.click, guarded(opened, outputs=1), [self.run], [self.message], at_once=True)
        outputs = [self.message, self.run, self.other, self.undo]
        gone = guarded(lambda place: delete(page, place), outputs=len(outputs))
        back = guarded(lambda: undo_delete(page), outputs=len(outputs))
        deleted = listen(self.delete.click, gone, [self.run], outputs, at_once=True)
        return [deleted.then, listen(self.undo.click, back, None, outputs, at_once=True).then]


def _chooser(label: str, elem_id: str) -> Any:
    # Custom values are let through, so that a run that has just gone is told in our own words.
    return dropdown([], value=None, label=label, allow_custom_value=True, elem_id=elem_id, min_width=150)


def _button(text: str, elem_id: str, **details: Any) -> Any:
    return gr.Button(text, size="sm", elem_id=elem_id, min_width=110, **{"interactive": False, **details})
