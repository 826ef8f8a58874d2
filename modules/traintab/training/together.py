"""Several embeddings in one run: who they are, and which rows of what is trained are whose.

Their vectors stand below each other in one leaf for each text encoder, `[rows, width]`, so that optimizer,
clipping, norm control and average treat them alike and know nothing of it. The first is the embedding that
the run is named after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..configs import TrainingConfig
from ..embeddings.embedding import Embedding
from ..embeddings.names import check_name
from ..errors import ConfigError

__all__ = ["TogetherFacts", "TrainedEmbedding", "joined", "listed", "names_in_run", "rows_of_each"]


@dataclass(frozen=True, kw_only=True)
class TrainedEmbedding:
    """One of a run's embeddings, kept in the file `target`.

    It may have been trained before: its own count of steps is the run's and `step_offset`. `overtaken` is
    what `target` holds when that is further than the run to resume, another run's work.
    """

    name: str
    num_vectors: int
    target: Path
    step_offset: int = 0
    overtaken: Embedding | None = None


class TogetherFacts:
    """What a state remembers of them, so that a resumed run splits its rows as before: a part of the state.

    It never changes while a run goes on.
    """

    NAME = "together"

    def __init__(self, trained: Sequence[TrainedEmbedding]) -> None:
        self._facts = [
            {"name": one.name, "num_vectors": one.num_vectors, "step_offset": one.step_offset}
            for one in trained
        ]

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> list[dict[str, Any]]:
        """`name`, `num_vectors` and `step_offset` of each, in their order; nothing when one was alone."""
        return list(state.get("parts", {}).get(cls.NAME, {}).get("embeddings", ()))

    def state_dict(self) -> dict[str, Any]:
        """Names and numbers."""
        return {"embeddings": [dict(facts) for facts in self._facts]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Nothing: the checks before a run have made it from this state."""


def names_in_run(config: TrainingConfig) -> tuple[str, ...]:
    """The names that a run trains, the first the one it is called after.

    Raises EmbeddingNameError for one that no embedding can have, ConfigError for one that comes twice.
    """
    own = check_name(config.embedding_name)
    texts = config.vectors.more_embeddings.split(",")
    names = (own, *(check_name(text) for text in texts if text.strip()))
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise ConfigError(
                f"More embeddings is {config.vectors.more_embeddings!r}, which names {name!r} twice, {own!r}"
                " itself counted; write each name once.",
                field="more_embeddings",
            )
        seen.add(name.casefold())
    return names


def listed(texts: Sequence[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def joined(vectors: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The vectors of several embeddings, each `[n, width]` by text encoder, below each other."""
    return {encoder: torch.cat([one[encoder] for one in vectors]) for encoder in vectors[0]}


def rows_of_each(
    vectors: Mapping[str, torch.Tensor], trained: Sequence[TrainedEmbedding]
) -> list[dict[str, torch.Tensor]]:
    """The rows of each embedding, by text encoder: copies."""
    counts = [one.num_vectors for one in trained]
    rows = {encoder: torch.split(tensor, counts) for encoder, tensor in vectors.items()}
    return [{encoder: own[index].clone() for encoder, own in rows.items()} for index in range(len(trained))]
