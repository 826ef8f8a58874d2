"""What the vectors of a new embedding start from: words, zeros, another embedding, or the mean of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from ..configs import CreateConfig
from ..embeddings.embedding import Embedding
from ..embeddings.families import model_family
from ..embeddings.formats import read_embedding
from ..embeddings.initial_vectors import initial_vectors, resampled
from ..embeddings.library import EmbeddingLibrary
from ..errors import EmbeddingFileError, EmbeddingNameError
from ..files import kind_of, user_path
from ..models.model import Model
from ..models.text_encoder import TextEncoder
from ..paths import Paths
from .cross_initialization import cross_token_vectors

__all__ = ["starting_vectors"]

_MOST_VECTORS = 75


def starting_vectors(config: CreateConfig, model: Model, paths: Paths) -> dict[str, torch.Tensor]:
    """The first vectors by text encoder: float32 `[num_vectors, width]` on the CPU.

    Raises EmbeddingNameError for an embedding to start from that isn't there, EmbeddingFileError for one that
    can't be read or is for another kind of model.
    """
    if config.initialization_method == "embedding":
        other = _other_embedding(config.initialization_embedding.strip(), model.widths, paths)
        count = other.num_vectors if config.auto_vectors else config.num_vectors
        return {encoder: resampled(vectors, count) for encoder, vectors in other.vectors.items()}
    if config.initialization_method == "mean":
        words = {encoder.name: _each_word(encoder, config) for encoder in model.text_encoders}
        count = _count(config, max(len(word) for word in next(iter(words.values()))))
        return {encoder: _mean(vectors, count) for encoder, vectors in words.items()}
    texts = {encoder.name: _of_text(encoder, config) for encoder in model.text_encoders}
    count = _count(config, len(model.text_encoders[0].tokenize(config.initialization_text)))
    return {encoder: initial_vectors(vectors, count) for encoder, vectors in texts.items()}


def _count(config: CreateConfig, tokens: int) -> int:
    """Rows of the embedding: as many as the text has tokens when that is wanted, at least 1."""
    return min(max(1, tokens), _MOST_VECTORS) if config.auto_vectors else config.num_vectors


def _of_text(encoder: TextEncoder, config: CreateConfig) -> torch.Tensor:
    """`[tokens, width]` of the whole text; none for zeros."""
    if config.initialization_method == "zeros":
        return torch.zeros(0, encoder.width)
    return _token_vectors(encoder, config.initialization_text, config)


def _token_vectors(encoder: TextEncoder, text: str, config: CreateConfig) -> torch.Tensor:
    return cross_token_vectors(encoder, text) if config.cross_initialization else encoder.token_vectors(text)


def _each_word(encoder: TextEncoder, config: CreateConfig) -> list[torch.Tensor]:
    """`[tokens, width]` of each of the words."""
    return [_token_vectors(encoder, word, config) for word in config.words]


def _mean(words: Sequence[torch.Tensor], count: int) -> torch.Tensor:
    """The mean of the words, each brought to `count` rows first."""
    return torch.stack([resampled(word, count) for word in words]).mean(dim=0)


def _other_embedding(name: str, widths: Mapping[str, int], paths: Paths) -> Embedding:
    """The embedding to start from: by its name, in any folder there is, or by its file."""
    found: Embedding | None = None
    for folder in paths.embedding_dirs:
        library = EmbeddingLibrary(folder)
        library.refresh()
        fitting = library.find(name, widths)
        if fitting is not None:
            return fitting
        found = found or library.find(name)
    if found is None:
        found = _in_file(name, paths)
    if not found.fits(widths):
        raise EmbeddingFileError(
            f"The embedding {name!r} to start from is for {model_family(found.widths)}, but the model takes"
            f" {model_family(widths)}; choose one for this model."
        )
    return found


def _in_file(name: str, paths: Paths) -> Embedding:
    path = user_path(name)
    if kind_of(path) != "file":
        raise EmbeddingNameError(
            f"There is no embedding called {name!r} to start from in {paths.embeddings_dir}, and no such"
            " file; choose one that is there, or another Initialization method."
        )
    return read_embedding(path)
