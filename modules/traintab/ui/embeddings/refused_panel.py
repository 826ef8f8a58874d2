"""The files that can't be used, below the table: why, and the way to the trash."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from ..gradio_compat import listen
from ..messages import guarded
from ..page import Page
from .folder_actions import delete_refused
from .listing import Listing, shown

__all__ = ["RefusedPanel", "refused_html", "refused_updates"]


def refused_html(listing: Listing) -> str:
    """Each file that can't be used and why; everything is escaped, since anyone may have written it."""
    entries = (
        f'<dt translate="no">{html.escape(file.place)}</dt><dd>{html.escape(shown(file.reason))}</dd>'
        for file in listing.refused
    )
    return f'<dl class="traintab-refused">{"".join(entries)}</dl>' if listing.refused else ""


def refused_updates(listing: Listing) -> tuple[Any, ...]:
    """What `RefusedPanel.follows` show: the list, what can be deleted, and the frame while there is any."""
    count = len(listing.refused)
    return (
        refused_html(listing),
        gr.update(choices=[file.place for file in listing.refused]),
        gr.update(visible=count > 0, label=f"{count} file{'s' * (count > 1)} can't be used"),
    )


class RefusedPanel:
    """The fold and its message, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("Files that can't be used", open=False, visible=False) as self.frame:
            self.list = gr.HTML(elem_id="embeddings_refused")
            with gr.Row(elem_classes=["traintab-tight"]):
                self.chooser = gr.Dropdown(
                    [],
                    value=[],
                    multiselect=True,
                    label="To be deleted",
                    elem_id="embeddings_refused_chooser",
                    min_width=140,
                    scale=3,
                )
                self.delete = gr.Button(
                    "Delete", variant="stop", elem_id="embeddings_refused_delete", min_width=90, scale=1
                )
        self.message = gr.HTML(elem_classes=["traintab-slot"])

    @property
    def follows(self) -> list[Any]:
        """The components that `refused_updates` is for."""
        return [self.list, self.chooser, self.frame]

    def wire(self, page: Page) -> list[Any]:
        """Let the button work; returns the event that changes the folder."""
        deleted = guarded(lambda places: delete_refused(page, places), outputs=2)
        return [listen(self.delete.click, deleted, [self.chooser], [self.message, self.chooser])]
