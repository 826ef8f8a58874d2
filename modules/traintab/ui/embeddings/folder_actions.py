"""What changes files of the embeddings folder: rename, delete."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ...studio import Studio
from ..messages import done
from ..name_warnings import warnings_about
from ..page import Page
from .listing import Listing, listing

__all__ = ["choice", "delete", "delete_refused", "rename"]


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
    text = f"{item.label} is called {name} now." + warnings_about(studio, name)
    return done(text), choice(found, renamed.label if renamed else None), ""


def delete(page: Page, label: str | None) -> tuple[Any, ...]:
    """Move the chosen file to the trash folder; a message that says where, and nothing chosen."""
    studio = page.studio
    item = listing(studio)[label]
    folder = _to_trash(studio, item.path, item.embedding.name)
    studio.embeddings_changed()
    text = f"{item.label} is in the trash: to have it back, move the file from {folder}."
    return done(text), choice(listing(studio), None)


def delete_refused(page: Page, places: Sequence[str] | None) -> tuple[Any, ...]:
    """Move files that can't be used to the trash folder; a message that says where, and nothing chosen.

    Raises EmbeddingFileError when none is chosen or one is gone.
    """
    studio = page.studio
    paths = listing(studio).refused_paths(places or ())
    folders = [_to_trash(studio, path, path.stem) for path in paths]
    what = f"{paths[0].name} is" if len(paths) == 1 else f"{len(paths)} files are"
    where = folders[0] if len(folders) == 1 else studio.paths.trash_dir
    return done(f"{what} in the trash, {where}."), gr.update(value=[])


def choice(found: Listing, label: str | None) -> Any:
    """The dropdown of all embeddings, with the one of this label chosen."""
    return gr.update(choices=list(found.embeddings), value=label)


def _to_trash(studio: Studio, path: Path, name: str) -> Path:
    """Where it lies then; raises BusyError while the embedding `name` is in training."""
    from ...embeddings.manage import delete_embedding
    from ...training.lock import embedding_lock

    with embedding_lock(name, studio.paths):
        return delete_embedding(studio.library, path, trash_dir=studio.paths.trash_dir)
