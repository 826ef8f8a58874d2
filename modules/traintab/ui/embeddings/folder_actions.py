"""What changes the embeddings folder: upload, rename, delete."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ...errors import TrainTabError
from ..messages import done, failed
from ..page import Page
from .listing import Listing, listing

__all__ = ["delete", "rename", "upload"]


def upload(page: Page, files: Sequence[Any] | None) -> tuple[Any, ...]:
    """Check each file and take the sound ones in; a message, the last one chosen, an empty drop zone."""
    from ...embeddings.manage import accept_upload

    taken, refused = [], []
    library, trash_dir = page.studio.library, page.studio.paths.trash_dir
    library.refresh()
    for file in files or ():
        try:
            path = Path(str(getattr(file, "name", file)))
            taken.append(accept_upload(library, path, trash_dir=trash_dir))
        except TrainTabError as error:
            refused.append(str(error))
    if taken:
        page.studio.embeddings_changed()
    found = listing(page.studio)
    names = [embedding.name for embedding in taken]
    message = _taken_message(found, names) + "".join(failed(sentence) for sentence in refused)
    sources = [embedding.source for embedding in taken]
    label = next((item.label for item in found.embeddings.values() if item.path in sources[-1:]), None)
    return message, _chosen(found, label) if label else gr.update(), None


def rename(page: Page, label: str | None, new_name: str) -> tuple[Any, ...]:
    """Call the chosen file by another name; a message, it chosen again, and an empty field."""
    from ...embeddings.manage import rename_embedding
    from ...training.lock import embedding_lock

    studio = page.studio
    item = listing(studio)[label]
    with embedding_lock(item.embedding.name, studio.paths):
        path = rename_embedding(studio.library, item.path, new_name, trash_dir=studio.paths.trash_dir)
    studio.embeddings_changed()
    found = listing(studio)
    renamed = next((other for other in found.embeddings.values() if other.path == path), None)
    name = renamed.embedding.name if renamed else path.stem
    text = f"{item.label} is called {name} now." + _warnings(found, [name])
    return done(text), _chosen(found, renamed.label if renamed else None), ""


def delete(page: Page, label: str | None) -> tuple[Any, ...]:
    """Move the chosen file to the trash folder; a message that says where, and nothing chosen."""
    from ...embeddings.manage import delete_embedding
    from ...training.lock import embedding_lock

    studio = page.studio
    item = listing(studio)[label]
    with embedding_lock(item.embedding.name, studio.paths):
        folder = delete_embedding(studio.library, item.path, trash_dir=studio.paths.trash_dir)
    studio.embeddings_changed()
    text = f"{item.label} is in the trash: to have it back, move the file from {folder}."
    return done(text), _chosen(listing(studio), None)


def _taken_message(found: Listing, names: Sequence[str]) -> str:
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    return done(f"{', '.join(names)} {verb} here: type the name in a prompt." + _warnings(found, names))


def _warnings(found: Listing, names: Sequence[str]) -> str:
    from ...embeddings.names import name_warnings

    others = {item.embedding.name for item in found.embeddings.values()}
    return "".join(f" {sentence}" for name in names for sentence in name_warnings(name, others))


def _chosen(found: Listing, label: str | None) -> Any:
    return gr.update(choices=list(found.embeddings), value=label)
