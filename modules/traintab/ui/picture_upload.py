"""Pictures from the device that shows the page, for those who can't name a folder of this computer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ..files import user_path
from .gradio_compat import listen, skip
from .messages import done, failed, guarded
from .page import Page

__all__ = ["PictureUpload", "add_pictures"]


def add_pictures(page: Page, files: Sequence[Any] | None, source: str, destination: str) -> tuple[Any, ...]:
    """Take in what was sent: a message, and the folder as source, with a destination where none is chosen."""
    from ..preprocessing.sent_files import destination_for, is_made_here, take_sent_files

    parent = page.studio.paths.pictures_dir
    shown = user_path(str(source or "").strip())
    into = shown if is_made_here(shown, parent) else None
    sent = [Path(str(getattr(file, "name", file))) for file in files or ()]
    found = take_sent_files(sent, parent, into)
    refused = "".join(failed(sentence) for sentence in found.refused)
    if found.folder is None:
        return refused, skip(), skip()
    values = {
        "source": str(found.folder),
        "destination": destination_for(found.folder, str(destination or "")),
    }
    page.remembered.remember(page.preprocess.section, values)
    told = (
        f"Pictures added: {found.pictures}; captions: {found.captions}. Source directory names their folder;"
        " what you add next goes there too."
    )
    return done(told) + refused, values["source"], values["destination"]


class PictureUpload:
    """The button and its message, made in the layout where it is constructed."""

    def __init__(self) -> None:
        # Without file_types, because gradio would refuse all files for the sake of one.
        self.files = gr.UploadButton(
            "Add pictures from this device",
            file_count="multiple",
            size="sm",
            elem_id="preprocess_add_pictures",
        )
        self.message = gr.HTML(elem_id="preprocess_added", elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> Any:
        """Let the button work; returns the event."""
        source, destination = page.preprocess["source"], page.preprocess["destination"]

        def added(files: Any, source: str, destination: str) -> tuple[Any, ...]:
            return add_pictures(page, files, source, destination)

        outputs = [self.message, source, destination]
        inputs = [self.files, source, destination]
        return listen(self.files.upload, guarded(added, outputs=len(outputs)), inputs, outputs)
