"""The panel *Create embedding*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..configs import CreateConfig, from_mapping
from .choices import embedding_names
from .create_preview import CreatePreview
from .gradio_compat import listen
from .messages import done, guarded
from .name_warnings import warnings_about
from .page import Page

__all__ = ["CreatePanel", "create"]


def create(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Create the embedding; its message, the Train panel's dropdown with the new name selected, and the
    first screen folded away.
    """
    page.remembered.remember(page.create.section, values)
    embedding = page.studio.create_embedding(from_mapping(CreateConfig, values))
    page.remembered.remember(page.train.section, {"embedding_name": embedding.name})
    count = embedding.num_vectors
    text = (
        f"Created {embedding.name} with {count} vector{'s' * (count > 1)}; it is selected in the Train panel."
    )
    dropdown = gr.update(choices=embedding_names(page.studio), value=embedding.name)
    return done(text + warnings_about(page.studio, embedding.name)), dropdown, gr.update(open=False)


class CreatePanel:
    """Fields, button and message, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        form = page.create
        form.field("name", placeholder="a word of your own, such as mira-doll")
        form.field("initialization_text")
        form.field("num_vectors")
        form.field("auto_vectors")
        self.preview = CreatePreview()
        with gr.Accordion("Other ways to start", open=False):
            form.field("initialization_method")
            form.field("initialization_embedding", placeholder="for the method embedding")
            form.field("cross_initialization")
        form.field("overwrite")
        self.button = gr.Button("Create embedding", variant="primary", elem_id="train_create_embedding")
        self.message = gr.HTML(elem_classes=["traintab-slot"])

    def wire(self, page: Page, first_screen: Any) -> Any:
        """Let the button work; returns the event."""
        self.preview.wire(page)
        handler = page.create.bound(lambda values: create(page, values))
        outputs = [self.message, page.train["embedding_name"], first_screen]
        return listen(
            self.button.click, guarded(handler, outputs=len(outputs)), page.create.components, outputs
        )
