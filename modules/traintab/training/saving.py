"""Writing what has been learned, and with it what the optimizer remembers, so that it can go on anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from ..embeddings.embedding import Embedding
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

    Those trained with it go to their own files, or beside its copy. Only a `.pt` has such a companion.
    Raises StorageError, and NonFiniteError rather than saving NaN.
    """
    first_row = 0
    for embedding, place in zip(record.embeddings(state), record.places(path, state.step), strict=True):
        record.write(embedding, place)
        rows = slice(first_row, first_row + embedding.num_vectors)
        if record.config.outputs.save_optimizer_state and place.suffix.lower() == _SUFFIX:
            _save_companion(record, state, embedding, place, rows)
        first_row = rows.stop


def _save_companion(
    record: RunRecord, state: TrainingState, embedding: Embedding, path: Path, rows: slice
) -> None:
    """What the optimizer remembers of an embedding, which is these rows of what is trained."""
    ((encoder, vectors),) = embedding.vectors.items()
    moments = state.copied_moments()[encoder]
    if moments:
        own = OptimizerMoments(
            updates=moments["updates"],
            exp_avg=moments["exp_avg"][rows],
            exp_avg_sq=moments["exp_avg_sq"][rows],
        )
        rate = float(state.optimizer.param_groups[0]["lr"])
        as_in_file = vectors.to(record.save_dtype).to(torch.float32)
        write_optimizer_companion(path, as_in_file, own, learning_rate=rate)


def adopt_companion(state: TrainingState, *paths: Path) -> Iterator[TrainingNotice]:
    """Go on with the optimizer's memory of the vectors that lies beside `path`; a broken one is told of.

    One that belongs to other vectors is left alone, as A1111 does. Of several embeddings the memories can't
    be made one, having seen different numbers of updates.
    """
    path, *others = paths
    if path.suffix.lower() != _SUFFIX or len(state.vectors) != 1 or not state.is_plain_adamw:
        return
    if others:
        found = [companion_path(each).name for each in paths if companion_path(each).is_file()]
        if found:
            told = f"{' and '.join(found)} aren't used where several embeddings are trained."
            yield TrainingNotice(message=f"The optimizer starts fresh: {told}")
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
