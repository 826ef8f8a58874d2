"""The tab *Embeddings*: the table on the left, the chosen embedding on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from ..gradio_compat import listen
from ..page import Page
from ..pulse import now_and_then
from .chosen_panel import ChosenPanel
from .listing import listing
from .mixer import Mixer
from .refused_panel import RefusedPanel
from .table import DATATYPES, HEADERS, rows
from .uploads import Uploads
from .watch import look

__all__ = ["EmbeddingsTab"]


class EmbeddingsTab:
    """The tab's parts, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Tabs(elem_id="embeddings_tabs"):
            with gr.Tab("Files", id="files"), gr.Row():
                with gr.Column(scale=7, min_width=340):
                    self._table_fields()
                with gr.Column(scale=4, min_width=340):
                    self.uploads = Uploads()
                    self.chosen = ChosenPanel(self.uploads.message)
            with gr.Tab("Mixer", id="mixer"):
                self.mixer = Mixer()

    def _table_fields(self) -> None:
        with gr.Row(elem_classes=["traintab-tight"]):
            self.search = gr.Textbox(
                "",
                label="Search",
                placeholder="name or model",
                elem_id="embeddings_search",
                min_width=140,
            )
            self.chooser = gr.Dropdown(
                [], value=None, label="Embedding", elem_id="embeddings_chooser", min_width=140
            )
        self.count = gr.HTML(elem_id="embeddings_count", elem_classes=["traintab-slot"])
        self.table = gr.Dataframe(
            headers=list(HEADERS),
            datatype=list(DATATYPES),
            interactive=False,
            type="array",
            elem_id="embeddings_table",
            show_label=False,
        )
        self.refused = RefusedPanel()
        self.trouble = gr.HTML(elem_classes=["traintab-slot"])

    def wire(self, page: Page, tabs: Any, chips: Any) -> None:
        """Follow the folder; `chips` are those of txt2img, `tabs` the page's."""
        seen = gr.State(None)
        inputs = [seen, self.search, self.chooser]
        outputs = [seen, self.count, self.table, self.chooser, *self.refused.follows]
        outputs += [chips, page.train["embedding_name"], self.trouble]
        outputs += [self.chosen.facts, self.chosen.picture, *self.mixer.choosers]

        def follow(*values: Any) -> tuple[Any, ...]:
            return look(page, *values)

        page.pulse.follow(now_and_then(lambda: listing(page.studio).fingerprint), follow, inputs, outputs)
        listen(self.search.change, follow, inputs, outputs, at_once=True)
        changes = self.uploads.wire(page, self.chooser) + self.chosen.wire(page, self.chooser, tabs)
        for change in [*changes, *self.refused.wire(page), *self.mixer.wire(page)]:
            listen(change.then, follow, inputs, outputs, at_once=True)
        listen(self.table.select, chooser(page), [self.search], [self.chooser], at_once=True)


def chooser(page: Page) -> Callable[[str, gr.SelectData], Any]:
    """The handler of a click into the table: the label in the clicked row."""

    def choose(search: str, event: gr.SelectData) -> Any:
        values = getattr(event, "row_value", None) or rows(listing(page.studio), search)[event.index[0]]
        return values[0]

    return choose
