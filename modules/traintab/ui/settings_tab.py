"""The tab *Settings*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .appearance import AppearanceSettings
from .device_facts import device_facts, facts_html
from .gradio_compat import listen
from .model_settings import ModelSettings
from .page import Page
from .settings_check import SettingsCheck
from .settings_defaults import DefaultsSettings
from .settings_folders import FolderList
from .train_groups import IN_SETTINGS

__all__ = ["SettingsTab"]


class SettingsTab:
    """Language and theme; what A1111 keeps under Settings, Training; the model's device; the folders."""

    def __init__(self, page: Page) -> None:
        with gr.Row():
            with gr.Column(min_width=320):
                gr.Markdown("### Page")
                self.appearance = AppearanceSettings()
                gr.Markdown("### Training")
                self.checked = SettingsCheck(page.train)
                for name in IN_SETTINGS:
                    page.train.field(name)
                    self.checked.place(name)
                gr.Markdown("### Pictures")
                for name in page.saving.options:
                    page.saving.field(name)
            with gr.Column(min_width=320):
                gr.Markdown("### Model and device")
                self.device = gr.HTML(elem_id="settings_device")
                self.refresh = gr.Button("Look again", elem_id="settings_device_refresh", size="sm")
                self.model = ModelSettings()
                gr.Markdown("### Folders")
                self.folders = FolderList(page)
                gr.Markdown(
                    "Start with `--data-dir`, `--embeddings-dir` or `--log-dir` to use other folders."
                )
                gr.Markdown("### Defaults")
                self.defaults = DefaultsSettings(page)

    def wire(self, page: Page, selected: Any, model_changed: Any) -> None:
        """Tell of the device whenever the tab is opened (`selected`) or the model changes, and when asked."""
        for event in (selected, model_changed, self.refresh.click):
            listen(event, lambda: facts_html(device_facts(page.studio)), None, self.device, at_once=True)
        self.checked.wire(selected)
        self.model.wire(page, selected)
        self.folders.wire(page)
        self.defaults.wire(page, selected)
