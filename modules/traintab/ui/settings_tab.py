"""The tab *Settings*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .appearance import AppearanceSettings
from .device_facts import device_facts, facts_html
from .gradio_compat import listen
from .model_settings import ModelSettings
from .page import Page

__all__ = ["SettingsTab"]


class SettingsTab:
    """The training settings that A1111 keeps in its Settings tab; what the model runs on; the folders."""

    def __init__(self, page: Page) -> None:
        with gr.Row():
            with gr.Column(min_width=320):
                gr.Markdown("### Page")
                self.appearance = AppearanceSettings()
                gr.Markdown("### Training")
                for name in ("move_to_ram", "write_csv_every", "filename_word_regex", "filename_join_string"):
                    page.train.field(name)
                gr.Markdown("### Pictures")
                for name in page.saving.options:
                    page.saving.field(name)
            with gr.Column(min_width=320):
                gr.Markdown("### Model and device")
                self.device = gr.HTML(elem_id="settings_device")
                self.refresh = gr.Button("Look again", elem_id="settings_device_refresh", size="sm")
                self.model = ModelSettings()
                gr.Markdown("### Folders")
                gr.HTML(facts_html(_folders(page)))
                gr.Markdown(
                    "Start with `--data-dir`, `--embeddings-dir` or `--log-dir` to use other folders."
                )

    def wire(self, page: Page, selected: Any, model_changed: Any) -> None:
        """Tell of the device whenever the tab is opened (`selected`) or the model changes, and when asked."""
        for event in (selected, model_changed, self.refresh.click):
            listen(event, lambda: facts_html(device_facts(page.studio)), None, self.device, at_once=True)
        self.model.wire(page, selected)


def _folders(page: Page) -> dict[str, str]:
    """Where everything lies."""
    paths = page.studio.paths
    folders = {
        "Embeddings": paths.embeddings_dir,
        "Log directory": paths.log_dir,
        "Models": paths.models_dir,
        "Pictures": paths.outputs_dir,
        "These settings": paths.settings_file,
    }
    return {name: str(path) for name, path in folders.items()}
