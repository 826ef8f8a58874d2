"""The tab *Settings*."""

from __future__ import annotations

import html

import gradio as gr

from .page import Page

__all__ = ["build_settings_tab"]


def build_settings_tab(page: Page) -> None:
    """What is set once: the training settings that A1111 keeps in its Settings tab, and the folders."""
    with gr.Row():
        with gr.Column(min_width=320):
            gr.Markdown("### Training")
            for name in ("move_to_ram", "write_csv_every", "filename_word_regex", "filename_join_string"):
                page.train.field(name)
        with gr.Column(min_width=320):
            gr.Markdown("### Folders")
            gr.HTML(_listed(page))
            gr.Markdown("Start with `--data-dir`, `--embeddings-dir` or `--log-dir` to use other folders.")


def _listed(page: Page) -> str:
    """Where everything lies."""
    paths = page.studio.paths
    folders = {
        "Embeddings": paths.embeddings_dir,
        "Log directory": paths.log_dir,
        "Models": paths.models_dir,
        "Pictures": paths.outputs_dir,
        "These settings": paths.settings_file,
    }
    rows = (f"<dt>{name}</dt><dd>{html.escape(str(path))}</dd>" for name, path in folders.items())
    return f'<dl class="traintab-folders">{"".join(rows)}</dl>'
