"""Embeddings beside the words that a model already knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch.nn.functional import normalize

__all__ = ["NearToken", "Vocabulary"]


@dataclass(frozen=True)
class NearToken:
    """A token of the model, and how far its vector points the same way: 1 the same, 0 unrelated."""

    token: str
    cosine: float


class Vocabulary:
    """The token table `[vocabulary, width]` of a text encoder, any device and float type, never changed.

    `spell` gives the text of a token by its row.
    """

    def __init__(self, table: torch.Tensor, spell: Callable[[int], str]) -> None:
        self._table = table.detach()
        self._spell = spell

    @property
    def width(self) -> int:
        """Length of a token's vector."""
        return int(self._table.shape[1])

    @cached_property
    def median_norm(self) -> float:
        """The usual length of a token's vector."""
        return float(self._table.float().norm(dim=1).median())

    def nearest(self, vectors: torch.Tensor, count: int) -> list[list[NearToken]]:
        """For each of the vectors `[num_vectors, width]` the `count` tokens that are most alike, best first.

        Alike by the angle, whatever the lengths; a vector of zeros is like nothing and gets an empty list.
        """
        table = normalize(self._table.to("cpu", torch.float32), dim=1)
        cosines = normalize(vectors.to("cpu", torch.float32), dim=1) @ table.T
        best = cosines.topk(min(count, len(table)), dim=1)
        return [
            [
                NearToken(self._spell(index), round(value, 4))
                for value, index in zip(values, indices, strict=True)
            ]
            if bool(vector.any())
            else []
            for vector, values, indices in zip(
                vectors, best.values.tolist(), best.indices.tolist(), strict=True
            )
        ]
