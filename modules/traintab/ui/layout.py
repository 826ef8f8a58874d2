"""The standalone page: header, first screen, tabs, endpoints."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..studio import Studio
from .api import add_endpoints
from .choices import embedding_names
from .drawing_tabs import DrawingTabs
from .embeddings.tab import EmbeddingsTab
from .field_memory import FieldMemory
from .gradio_compat import blocks, listen, skip
from .job_view import Elsewhere
from .keys import keys_html
from .look import look
from .model_picker import ModelPicker
from .page import Page
from .prompt_box import chips
from .settings_tab import SettingsTab
from .start_panel import StartPanel, has_embeddings
from .starting_values import fill_at_start
from .train_tab import TrainTab
from .viewer import viewer_html

__all__ = ["build_app"]

_FILLED = "<i data-filled></i>"
"""Tells scripts that the fields hold what was remembered: what they type before that may be lost."""


def build_app(studio: Studio) -> Any:
    """The page as a `gr.Blocks`, not launched."""
    page = Page(studio=studio)
    fill_at_start(page)
    with blocks(title="Train Tab", look=look()) as app:
        with gr.Row(elem_id="traintab_header"):
            gr.HTML('<h1 class="traintab-name">Train Tab</h1>')
            picker = ModelPicker(page)
        model_message = gr.HTML(elem_id="traintab_model_message", elem_classes=["traintab-slot"])
        title = gr.HTML(elem_id="traintab_title_holder", elem_classes=["traintab-hidden"])
        appearance = gr.HTML(elem_id="traintab_appearance_holder", elem_classes=["traintab-hidden"])
        start = StartPanel(page)
        with gr.Tabs(elem_id="tabs", selected="train") as tabs:
            drawing = DrawingTabs.build(page)
            with gr.Tab("Train", id="train", elem_id="tab_train"):
                train = TrainTab(page, Elsewhere(title, picker.status, picker.model))
            with gr.Tab("Embeddings", id="embeddings", elem_id="tab_embeddings"):
                embeddings = EmbeddingsTab()
            with gr.Tab("Settings", id="settings", elem_id="tab_settings") as settings_tab:
                settings = SettingsTab(page)
        gr.HTML(viewer_html() + keys_html(), elem_classes=["traintab-overlays"])
        picker.wire(page, app.load, model_message)
        start.offer.wire(page, picker.model)
        events = start.wire(page, train.tabs, train.train.message)
        train.wire(page, app.load, start.accordion, events)
        drawing.wire(page, train, tabs)
        embeddings.wire(page, tabs, drawing.txt2img.prompts.chips)
        settings.wire(page, settings_tab.select, picker.status.change)
        settings.appearance.wire(page, app.load, appearance)
        memory = FieldMemory(page, train.watch)
        page.pulse.wire(app.load)
        _fill_on_load(app.load, page, memory, start, train, drawing)
        add_endpoints(studio)
    return app


def _fill_on_load(
    load: Any, page: Page, memory: FieldMemory, start: StartPanel, train: TrainTab, drawing: DrawingTabs
) -> None:
    """When a browser opens the page: remembered values, then what the library offers."""

    def opened() -> list[Any]:
        fresh = not has_embeddings(page)
        # *Create embedding* is open by itself: who has gone elsewhere meanwhile stays there.
        return [_FILLED, gr.update(open=fresh), skip() if fresh else gr.update(selected="train")]

    def offer() -> tuple[Any, ...]:
        found = chips(page.studio)
        return gr.update(choices=embedding_names(page.studio)), found, found

    told = gr.HTML(elem_id="traintab_filled", elem_classes=["traintab-hidden"])
    filled = memory.fill(load, opened, [told, start.accordion, train.tabs])
    train.watch.after(train.preset.offer_after(page, filled).then)
    inserts = [drawing.txt2img.prompts.chips, drawing.img2img.prompts.chips]
    listen(load, offer, None, [page.train["embedding_name"], *inserts], at_once=True)
