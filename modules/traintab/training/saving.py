"""Writing what has been learned, and with it what the optimizer remembers, so that it can go on anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from ..embeddings.formats import write_embedding
from ..embeddings.optimizer_companion import (
    OptimizerMoments,
    companion_path,
    read_optimizer_companion,
    write_optimizer_companion,
)
from ..errors import EmbeddingFileError
from .events import TrainingNotice
from .record import RunRecord
from .state import TrainingState

__all__ = ["adopt_companion", "save_embedding"]

_SUFFIX = ".pt"


def save_embedding(record: RunRecord, state: TrainingState, path: Path) -> None:
    """Write the embedding as it is now to `path`, and A1111's `<path>.optim` where that is wanted.

    Only a `.pt` has such a companion. Raises StorageError, and NonFiniteError rather than saving NaN.
    """
    embedding = record.embedding(state)
    write_embedding(embedding, path)
    if not record.config.outputs.save_optimizer_state or path.suffix.lower() != _SUFFIX:
        return
    ((encoder, vectors),) = embedding.vectors.items()
    moments = state.copied_moments()[encoder]
    if moments:
        rate = float(state.optimizer.param_groups[0]["lr"])
        write_optimizer_companion(path, vectors, OptimizerMoments(**moments), learning_rate=rate)


def adopt_companion(state: TrainingState, path: Path) -> Iterator[TrainingNotice]:
    """Go on with the optimizer's memory of the vectors that lies beside `path`; a broken one is told of.

    One that belongs to other vectors is left alone, as A1111 does.
    """
    if path.suffix.lower() != _SUFFIX or len(state.vectors) != 1:
        return
    ((encoder, vectors),) = state.vectors.items()
    try:
        moments = read_optimizer_companion(path, vectors.detach().to("cpu", torch.float32))
    except EmbeddingFileError as error:
        yield TrainingNotice(message=f"The optimizer starts fresh. {error}")
        return
    if moments is not None:
        state.adopt_moments(encoder, vars(moments))
        yield TrainingNotice(
            message=f"The optimizer goes on with its memory of {moments.updates} updates in"
            f" {companion_path(path).name}."
        )
