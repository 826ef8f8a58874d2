"""The drop zone: files are checked, and those whose name is taken wait for *Replace*."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ...errors import NameTakenError, TrainTabError
from ...studio import Studio
from ..gradio_compat import listen
from ..messages import done, failed, guarded
from ..name_warnings import warnings_about
from ..page import Page
from .folder_actions import choice
from .listing import listing

if TYPE_CHECKING:
    from ...embeddings.embedding import Embedding

__all__ = ["Uploads", "upload"]


def upload(page: Page, files: Sequence[Any] | None, *, replace: bool = False) -> tuple[Any, ...]:
    """Check each file and take the sound ones in.

    A message, the last one chosen, an empty drop zone, the files whose name is taken, and the button that
    takes these in too, which calls this again with `replace`.
    """
    taken, refused, waiting = [], [], {}
    page.studio.library.refresh()
    for file in files or ():
        path = Path(str(getattr(file, "name", file)))
        try:
            taken.append(_accepted(page.studio, path, replace=replace))
        except TrainTabError as error:
            refused.append(failed(str(error)))
            if isinstance(error, NameTakenError):
                waiting[str(path)] = error.name
    if taken:
        page.studio.embeddings_changed()
    message = _taken_message(page.studio, [embedding.name for embedding in taken]) + "".join(refused)
    found = listing(page.studio)
    sources = [embedding.source for embedding in taken]
    label = next((item.label for item in found.embeddings.values() if item.path in sources[-1:]), None)
    chosen = choice(found, label) if label else gr.update()
    return message, chosen, None, list(waiting), _replace_button(list(waiting.values()))


def _accepted(studio: Studio, source: Path, *, replace: bool) -> Embedding:
    """The embedding, in the folder now; raises what `accept_upload` does, and BusyError."""
    from ...embeddings.manage import accept_upload
    from ...training.lock import embedding_lock

    library, trash_dir = studio.library, studio.paths.trash_dir
    try:
        return accept_upload(library, source, trash_dir=trash_dir)
    except NameTakenError as error:
        if not replace:
            raise
        with embedding_lock(error.name, studio.paths):
            return accept_upload(library, source, trash_dir=trash_dir, replace=True)


def _taken_message(studio: Studio, names: Sequence[str]) -> str:
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    text = f"{', '.join(names)} {verb} here: type the name in a prompt."
    return done(text + warnings_about(studio, *names))


def _replace_button(names: Sequence[str]) -> Any:
    one = len(names) == 1
    what, old = (names[0], "the old one goes") if one else (f"{len(names)} embeddings", "the old ones go")
    return gr.update(visible=bool(names), value=f"Replace {what}: {old} to the trash")


class Uploads:
    """Drop zone, message and *Replace*, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.files = gr.File(
            label="Add embeddings: each file is checked first",
            file_count="multiple",
            height=96,
            elem_id="embeddings_upload",
        )
        self.message = gr.HTML(elem_classes=["traintab-slot"], elem_id="embeddings_message")
        self.replace = gr.Button("Replace", visible=False, elem_id="embeddings_replace")

    def wire(self, page: Page, chooser: Any) -> list[Any]:
        """Let files come in, the last one chosen in `chooser`; returns the events that change the folder."""
        waiting = gr.State([])
        outputs = [self.message, chooser, self.files, waiting, self.replace]
        taken = guarded(lambda files: upload(page, files), outputs=len(outputs))
        replaced = guarded(lambda files: upload(page, files, replace=True), outputs=len(outputs))
        return [
            listen(self.files.upload, taken, [self.files], outputs),
            listen(self.replace.click, replaced, [waiting], outputs),
        ]
