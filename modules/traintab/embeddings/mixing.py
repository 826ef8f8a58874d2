"""New embeddings out of old ones: a weighted mix, some of the vectors, other lengths.

The results are new objects with the same encoders, float32 on the CPU; nothing given is changed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence

import torch
from torch.nn.functional import pad

from ..errors import EmbeddingFileError
from .embedding import Embedding

__all__ = ["drop_vectors", "keep_vectors", "mix_embeddings", "rescale_vectors"]

# Below this the weights cancel each other out, and what remains is noise.
_SMALLEST_SUM = 0.01


def mix_embeddings(parts: Sequence[tuple[Embedding, float]], *, name: str, strict: bool = False) -> Embedding:
    """The weighted average of two or more embeddings, row by row: only the ratio of the weights counts.

    Shorter ones are filled up with zeros, or refused when `strict`. A weight may be negative, which leads
    away from that embedding, as long as the sum is positive. The mix is untrained: its step is 0, its
    model the one that all parts name. Raises EmbeddingFileError for one part alone, embeddings of different
    models, and weights that can't be used.
    """
    if len(parts) < 2:
        raise EmbeddingFileError("Mixing takes at least two embeddings; name another one.")
    _check_widths([embedding for embedding, _ in parts])
    total = _sum_of_weights(parts)
    rows = max(embedding.num_vectors for embedding, _ in parts)
    if strict:
        _refuse_shorter([embedding for embedding, _ in parts], rows)
    first = parts[0][0]
    vectors = {
        encoder: sum(
            (_filled(embedding.vectors[encoder], rows) * (weight / total) for embedding, weight in parts),
            start=torch.zeros(rows, width),
        )
        for encoder, width in first.widths.items()
    }
    return Embedding(
        name=name,
        vectors=vectors,
        step=0,
        sd_checkpoint=_agreed([embedding.sd_checkpoint for embedding, _ in parts]),
        sd_checkpoint_name=_agreed([embedding.sd_checkpoint_name for embedding, _ in parts]),
    )


def keep_vectors(embedding: Embedding, numbers: Collection[int]) -> Embedding:
    """Only the vectors with these numbers, counted from 1, in their old order.

    Raises EmbeddingFileError for a number there is no vector for, and when none would be left.
    """
    _check_numbers(embedding, numbers)
    rows = sorted({number - 1 for number in numbers})
    if not rows:
        raise EmbeddingFileError(
            f"No vector of {embedding.name} would be left; an embedding has at least one. Keep one or more."
        )
    vectors = {encoder: tensor[rows] for encoder, tensor in embedding.vectors.items()}
    return dataclasses.replace(embedding, vectors=vectors, source=None)


def drop_vectors(embedding: Embedding, numbers: Collection[int]) -> Embedding:
    """All vectors but those with these numbers, counted from 1; raises as `keep_vectors` does."""
    _check_numbers(embedding, numbers)
    return keep_vectors(embedding, set(range(1, embedding.num_vectors + 1)) - set(numbers))


def rescale_vectors(embedding: Embedding, norms: Mapping[str, float]) -> Embedding:
    """Every vector brought to the length that `norms` gives for its encoder; its direction stays.

    The median length of a model's own token vectors makes an overtrained embedding, whose vectors have
    grown many times longer, obey the rest of the prompt again. A vector of zeros stays as it is. Raises
    EmbeddingFileError when an encoder has no length, or none above 0.
    """
    for encoder in embedding.vectors:
        if not 0 < norms.get(encoder, 0.0) < math.inf:
            raise EmbeddingFileError(
                f"Rescaling {embedding.name}: there is no length for its {encoder} vectors, only for"
                f" {', '.join(norms) or 'nothing'}. Choose the model it was made for."
            )
    vectors = {
        encoder: torch.nn.functional.normalize(tensor.double(), dim=1).mul(norms[encoder]).float()
        for encoder, tensor in embedding.vectors.items()
    }
    return dataclasses.replace(embedding, vectors=vectors, source=None)


def _check_widths(embeddings: Sequence[Embedding]) -> None:
    first = embeddings[0]
    for other in embeddings[1:]:
        if other.widths != first.widths:
            raise EmbeddingFileError(
                f"Mixing {first.name} with {other.name}: {_spoken(first)}, {_spoken(other)}; only embeddings"
                " for the same kind of model can be mixed. Leave one of them out."
            )


def _spoken(embedding: Embedding) -> str:
    widths = " and ".join(f"{width} ({encoder})" for encoder, width in embedding.widths.items())
    return f"{embedding.name} has vectors of width {widths}"


def _sum_of_weights(parts: Sequence[tuple[Embedding, float]]) -> float:
    total = math.fsum(weight for _, weight in parts)
    if not math.isfinite(total) or total < _SMALLEST_SUM:
        shown = ", ".join(f"{embedding.name}:{weight:g}" for embedding, weight in parts)
        raise EmbeddingFileError(
            f"Mixing {shown}: the weights add up to {total:g}, expected more than 0. Raise one of them."
        )
    return total


def _refuse_shorter(embeddings: Sequence[Embedding], rows: int) -> None:
    for embedding in embeddings:
        if embedding.num_vectors != rows:
            raise EmbeddingFileError(
                f"Mixing strictly: {embedding.name} has {embedding.num_vectors} vectors and the longest has"
                f" {rows}. Leave it out, or mix without strict, which fills it up with zeros."
            )


def _filled(vectors: torch.Tensor, rows: int) -> torch.Tensor:
    """`vectors` `[num_vectors, width]` with zeros below, `[rows, width]`."""
    return pad(vectors, (0, 0, 0, rows - vectors.shape[0]))


def _agreed(values: Sequence[str | None]) -> str | None:
    return values[0] if len(set(values)) == 1 else None


def _check_numbers(embedding: Embedding, numbers: Collection[int]) -> None:
    for number in numbers:
        if not 1 <= number <= embedding.num_vectors:
            raise EmbeddingFileError(
                f"{embedding.name} has no vector {number}: it has {embedding.num_vectors}, counted from 1."
            )
