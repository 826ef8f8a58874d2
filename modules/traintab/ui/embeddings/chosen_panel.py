"""One embedding of the table: its facts and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import gradio as gr

from ..gradio_compat import listen
from ..messages import done, guarded
from ..page import Page
from ..prompt_box import insert
from .details import NOTHING_CHOSEN, facts_html, thumbnail
from .download import AS_IT_IS, FORMATS, Downloads
from .folder_actions import delete, rename
from .inspector import Inspector
from .listing import READY, ListedEmbedding, listing

__all__ = ["ChosenPanel", "described", "download", "facts", "insert_name"]

_SPOKEN = MappingProxyType({"prompt": "prompt", "negative_prompt": "negative prompt"})


def facts(page: Page, label: str | None) -> tuple[Any, ...]:
    """Facts, preview picture (hidden when there is none), and the panel's buttons shown or not."""
    item = listing(page.studio)[label] if label else None
    return *described(page, item), gr.update(visible=item is not None), None


def described(page: Page, item: ListedEmbedding | None) -> tuple[Any, ...]:
    """The first two of `facts`."""
    picture = thumbnail(item) if item else None
    text = facts_html(item, page.studio.library.folder) if item else NOTHING_CHOSEN
    return text, gr.update(value=picture, visible=picture is not None)


def insert_name(page: Page, label: str | None, field: str, prompts: Mapping[str, str]) -> tuple[Any, ...]:
    """A message, `prompts` (by their fields) with the name at the end of one, and the tab where they stand.

    The name of a pair takes its negative into the negative prompt.
    """
    found = listing(page.studio)
    item = found[label]
    names = {field: item.embedding.name}
    if item.negative and field == "prompt":
        names["negative_prompt"] = found[item.negative].embedding.name
    texts = {key: insert(text, names[key]) if key in names else text for key, text in prompts.items()}
    page.remembered.remember(page.txt2img.section, {key: texts[key] for key in names})
    told = " and ".join(f"{name} in the {_SPOKEN[key]}" for key, name in names.items())
    warning = "" if item.use == READY else f" But it can't be used now: {item.reason}"
    tab = gr.update() if warning else gr.update(selected="txt2img")
    return done(f"Inserted {told}.{warning}"), *texts.values(), tab


def download(page: Page, downloads: Downloads, label: str | None, wanted: str) -> tuple[Any, ...]:
    """A message, and the files to save."""
    files = downloads.make(listing(page.studio)[label], wanted)
    return done("Ready: click the file to save it."), gr.update(value=files, visible=True)


class ChosenPanel:
    """The components, made in the layout where it is constructed; what happens is told in `message`."""

    def __init__(self, message: Any) -> None:
        self.message = message
        self.facts = gr.HTML(NOTHING_CHOSEN, elem_id="embeddings_facts")
        with gr.Column(visible=False) as self.actions:
            with gr.Row(elem_classes=["traintab-actions"]):
                self.insert = gr.Button(
                    "Insert into prompt",
                    variant="primary",
                    size="sm",
                    elem_id="embeddings_insert",
                    min_width=110,
                )
                self.insert_negative = gr.Button(
                    "Into negative", size="sm", elem_id="embeddings_insert_negative", min_width=110
                )
                gr.Button("Copy for ComfyUI", size="sm", elem_id="embeddings_copy_comfy", min_width=110)
            self.picture = gr.Image(
                label="Preview", visible=False, interactive=False, height=220, elem_id="embeddings_preview"
            )
            self._file_fields()
            self.inspector = Inspector()

    def _file_fields(self) -> None:
        with gr.Row(elem_classes=["traintab-tight"]):
            self.format = gr.Dropdown(
                list(FORMATS), value=AS_IT_IS, label="Download", elem_id="embeddings_format", scale=3
            )
            self.download = gr.Button("Make file", elem_id="embeddings_download", min_width=110, scale=1)
        self.files = gr.File(
            label="Files",
            visible=False,
            interactive=False,
            file_count="multiple",
            elem_id="embeddings_files",
        )
        with gr.Row(elem_classes=["traintab-tight"]):
            self.new_name = gr.Textbox(
                "", label="New name", max_lines=1, elem_id="embeddings_new_name", min_width=140, scale=3
            )
            self.rename = gr.Button("Rename", elem_id="embeddings_rename", min_width=90, scale=1)
            self.delete = gr.Button(
                "Delete", variant="stop", elem_id="embeddings_delete", min_width=90, scale=1
            )

    def wire(self, page: Page, chooser: Any, tabs: Any) -> list[Any]:
        """Follow the `chooser`, and let the buttons work; returns the events that change the folder.

        `tabs` are the page's.
        """
        shown = [self.facts, self.picture, self.actions, self.files]
        handler = guarded(lambda label: facts(page, label), outputs=len(shown))
        described = listen(chooser.change, handler, [chooser], shown)
        prompts = [page.txt2img[field] for field in _SPOKEN]
        for button, field in ((self.insert, "prompt"), (self.insert_negative, "negative_prompt")):
            listen(button.click, _inserter(page, field), [chooser, *prompts], [self.message, *prompts, tabs])
        downloads = Downloads()
        handler = guarded(lambda label, wanted: download(page, downloads, label, wanted), outputs=2)
        listen(self.download.click, handler, [chooser, self.format], [self.message, self.files])
        self.inspector.wire(page, chooser, described)
        return self._wire_changes(page, chooser)

    def _wire_changes(self, page: Page, chooser: Any) -> list[Any]:
        renamed = guarded(lambda label, name: rename(page, label, name), outputs=3)
        outputs = [self.message, chooser, self.new_name]
        deleted = guarded(lambda label: delete(page, label), outputs=2)
        return [
            listen(self.rename.click, renamed, [chooser, self.new_name], outputs),
            listen(self.delete.click, deleted, [chooser], outputs[:2]),
        ]


def _inserter(page: Page, field: str) -> Callable[..., tuple[Any, ...]]:
    def inserted(label: str | None, *texts: str) -> tuple[Any, ...]:
        return insert_name(page, label, field, dict(zip(_SPOKEN, texts, strict=True)))

    return guarded(inserted, outputs=2 + len(_SPOKEN))
