"""A new embedding."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from ..configs import CreateConfig, check
from ..embeddings.embedding import Embedding
from ..embeddings.formats import write_embedding
from ..embeddings.library import EmbeddingLibrary
from ..embeddings.names import check_name
from ..errors import EmbeddingNameError
from ..models.model import Model
from ..paths import Paths
from .lock import embedding_lock
from .starting_vectors import starting_vectors
from .target import writable_suffixes

__all__ = ["create_embedding"]


def create_embedding(config: CreateConfig, *, model: Model, paths: Paths) -> Embedding:
    """Write a new embedding, whose vectors start from the initialization text, or as the settings say.

    With *overwrite* the embedding of that name is replaced in its own file, unless that is for another
    kind of model; its training starts again from step 0. Raises ConfigError, EmbeddingNameError (bad or
    taken name), EmbeddingFileError (one to start from doesn't fit), BusyError while it is being trained, and
    StorageError.
    """
    check(config)
    name = check_name(config.name)
    with embedding_lock(name, paths):
        path = _free_path(name, config, paths, model.widths)
        embedding = Embedding(
            name=name,
            vectors=starting_vectors(config, model, paths),
            step=0,
            sd_checkpoint=model.checkpoint_hash,
            sd_checkpoint_name=model.name,
        )
        write_embedding(embedding, path)
    return dataclasses.replace(embedding, source=path)


def _free_path(name: str, config: CreateConfig, paths: Paths, widths: Mapping[str, int]) -> Path:
    """Where to write; raises EmbeddingNameError when that would replace something unasked."""
    suffixes = writable_suffixes(len(widths))
    path = paths.embeddings_dir / f"{name}{suffixes[0]}"
    library = EmbeddingLibrary(paths.embeddings_dir)
    library.refresh()
    existing = library.find(name, widths) or library.find(name)
    taken = existing.source if existing is not None and existing.source is not None else path
    if (existing is not None or path.exists()) and not config.overwrite:
        raise EmbeddingNameError(
            f"There is an embedding called {name!r} already, in {taken}; choose another name, or start it"
            " anew with Overwrite Old Embedding."
        )
    is_of_this_kind = existing is None or existing.fits(widths)
    return taken if is_of_this_kind and taken.suffix.lower() in suffixes else path
