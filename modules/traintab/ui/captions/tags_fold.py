"""The fold *Tags, and which pictures are shown*: how often each tag occurs, and the filter."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..gradio_dropdown import dropdown
from .filters import ALL, MODES

__all__ = ["TagsFold"]


class TagsFold:
    """The filter's fields and the table, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("Tags, and which pictures are shown", open=False, elem_id="captions_tags"):
            with gr.Row(elem_classes=["traintab-tight"]):
                # Tags that are gone may still be chosen, which a list of nothing but choices would refuse.
                self.tags = dropdown(
                    choices=[],
                    value=[],
                    multiselect=True,
                    allow_custom_value=True,
                    label="Show pictures that have",
                    elem_id="captions_filter_tags",
                    min_width=200,
                    scale=3,
                )
                self.words = gr.Textbox(
                    "",
                    label="and these words",
                    placeholder="anywhere in the caption",
                    max_lines=1,
                    elem_id="captions_words",
                    min_width=140,
                    scale=2,
                )
            self.mode = gr.Radio(
                choices=list(MODES), value=ALL, label="Of several tags", elem_id="captions_mode"
            )
            gr.HTML('<p class="traintab-hint">Click a tag to show the pictures that have it.</p>')
            self.table = gr.Dataframe(
                headers=["Tag", "Pictures", "Share"],
                datatype=["str", "number", "str"],
                interactive=False,
                type="array",
                elem_id="captions_table",
                show_label=False,
            )
        self.parts = {"filter_tags": self.tags, "table": self.table}

    @property
    def changes(self) -> list[Any]:
        """The events after which other pictures may be shown."""
        return [self.words.submit, self.words.blur, self.tags.input, self.mode.input]
