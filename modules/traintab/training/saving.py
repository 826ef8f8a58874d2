"""Writing what has been learned, and with it what the optimizer remembers, so that it can go on anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

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
from .together import TrainedEmbedding, listed

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


def adopt_companion(state: TrainingState, trained: Sequence[TrainedEmbedding]) -> Iterator[TrainingNotice]:
    """Go on with the optimizer's memory of the vectors that lies beside the embedding's file.

    One that belongs to other vectors is left alone, as A1111 does; a broken one is told of. Several
    embeddings go on with theirs when each has one of as many updates: AdamW counts them once for all.
    """
    files = [one.target for one in trained]
    is_kept = all(path.suffix.lower() == _SUFFIX for path in files)
    if not is_kept or len(state.vectors) != 1 or not state.is_plain_adamw:
        return
    ((encoder, vectors),) = state.vectors.items()
    parts = torch.split(vectors.detach().to("cpu", torch.float32), [one.num_vectors for one in trained])
    try:
        read = [read_optimizer_companion(path, rows) for path, rows in zip(files, parts, strict=True)]
    except EmbeddingFileError as error:
        yield TrainingNotice(message=f"The optimizer starts fresh. {error}")
        return
    found = [moments for moments in read if moments is not None]
    names = [companion_path(path).name for path, moments in zip(files, read, strict=True) if moments]
    if len(found) == len(files) and len({moments.updates for moments in found}) == 1:
        state.adopt_moments(encoder, _joined(found))
        yield TrainingNotice(
            message=f"The optimizer goes on with its memory of {found[0].updates} updates in {listed(names)}."
        )
    elif found:
        yield TrainingNotice(
            message="The optimizer starts fresh: it would need a memory of as many updates of each embedding,"
            f" and there is {listed(names)}."
        )


def _joined(moments: Sequence[OptimizerMoments]) -> dict[str, Any]:
    """The memories of several embeddings as that of their vectors below each other."""
    return {
        "updates": moments[0].updates,
        "exp_avg": torch.cat([each.exp_avg for each in moments]),
        "exp_avg_sq": torch.cat([each.exp_avg_sq for each in moments]),
    }
