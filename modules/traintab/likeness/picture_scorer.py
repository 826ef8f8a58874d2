"""Scores from vectors of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from PIL import Image

from ..grids.scoring import Progress, ScoredPicture, StepScores
from .looking import Looking, SeenPictures
from .measures import Distance, change_by_prompt, cosine_distance, mean_pair_distance, nearest_text_share
from .plain_prompts import plain_prompt

__all__ = ["CosineScorer", "NearnessScorer", "ReadsText"]

_AT_ONCE = 16


class ReadsText(Protocol):
    """Looks at pictures and reads texts, into vectors that can be compared."""

    def text_features(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit vectors, float32 `[texts, width]`."""


@dataclass(kw_only=True, eq=False)
class CosineScorer:
    """Cosines between what an image encoder makes of pictures.

    `embedding_name` stands in the prompts. With `words`, obedience is the share of pictures that are nearer
    to their own prompt than to the other rows'; without, how far another prompt changes a seed's picture.
    """

    name: str
    looking: Looking
    embedding_name: str
    seen: SeenPictures
    words: ReadsText | None = None

    def score(
        self,
        pictures: Mapping[int, Sequence[ScoredPicture]],
        training: Sequence[Image.Image],
        progress: Progress,
    ) -> Mapping[int, StepScores]:
        """As `Scorer.score` says; likeness is a mean cosine, -1 to 1."""
        looked = _look(self.looking, self.seen, pictures, training, progress)
        return {
            step: StepScores(
                likeness=1 - float(cosine_distance(vectors, looked.training).mean()),
                diversity=_diversity(pictures[step], vectors, cosine_distance),
                obedience=self._obedience(pictures[step], vectors),
            )
            for step, vectors in looked.drawn.items()
        }

    def _obedience(self, pictures: Sequence[ScoredPicture], vectors: torch.Tensor) -> float | None:
        rows, texts = _rows_by_seed(pictures, vectors, self.embedding_name)
        if self.words is None:
            return change_by_prompt(rows, texts, cosine_distance)
        different = {text: row for row, text in zip(rows, texts, strict=True)}
        if len(different) < 2:
            return None
        return nearest_text_share(list(different.values()), self.words.text_features(list(different)))


@dataclass(kw_only=True, eq=False)
class NearnessScorer:
    """Distances between vectors of any length, in units of the training pictures' own mean distance.

    Likeness is the training pictures' mean distance among themselves divided by that of drawn from training
    pictures: 1 is as near as the training pictures are to one another. A lone training picture, or equal
    ones, have no such distance: there it is 1 / (1 + distance).
    """

    name: str
    looking: Looking
    embedding_name: str
    seen: SeenPictures

    def score(
        self,
        pictures: Mapping[int, Sequence[ScoredPicture]],
        training: Sequence[Image.Image],
        progress: Progress,
    ) -> Mapping[int, StepScores]:
        """As `Scorer.score` says; likeness is above 0, obedience how far another prompt changes a seed."""
        looked = _look(self.looking, self.seen, pictures, training, progress)
        among = mean_pair_distance(looked.training, torch.cdist)
        unit = among if among else 1.0
        distance = _in_units_of(unit)
        scores = {}
        for step, vectors in looked.drawn.items():
            apart = float(distance(vectors, looked.training).mean())
            rows, texts = _rows_by_seed(pictures[step], vectors, self.embedding_name)
            scores[step] = StepScores(
                likeness=1 / max(apart, 1e-6) if among else 1 / (1 + apart),
                diversity=_diversity(pictures[step], vectors, distance),
                obedience=change_by_prompt(rows, texts, distance),
            )
        return scores


def _in_units_of(unit: float) -> Distance:
    return lambda one, other: torch.cdist(one, other) / unit


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """Vectors `[pictures, width]` of each step's pictures, in their order, and of the training pictures."""

    drawn: Mapping[int, torch.Tensor]
    training: torch.Tensor


def _look(
    looking: Looking,
    seen: SeenPictures,
    pictures: Mapping[int, Sequence[ScoredPicture]],
    training: Sequence[Image.Image],
    progress: Progress,
) -> _Looked:
    """All pictures through what looks at them, some at a time, so that progress can be told."""
    images = [*training, *(one.image for step in pictures for one in pictures[step])]
    found: list[torch.Tensor] = []
    by = looking.key  # may wait for its turn
    for start in range(0, len(images), _AT_ONCE):
        progress(start, len(images))
        found.append(seen.features(images[start : start + _AT_ONCE], by, looking.features))
    progress(len(images), len(images))
    parts = torch.split(torch.cat(found), [len(training), *(len(pictures[step]) for step in pictures)])
    return _Looked(training=parts[0], drawn=dict(zip(pictures, parts[1:], strict=True)))


def _diversity(pictures: Sequence[ScoredPicture], vectors: torch.Tensor, distance: Distance) -> float | None:
    """The mean distance of pictures that differ by the seed alone; None with one seed."""
    numbers = sorted({one.row for one in pictures})
    rows = [vectors[[place for place, one in enumerate(pictures) if one.row == row]] for row in numbers]
    known = [apart for row in rows if (apart := mean_pair_distance(row, distance)) is not None]
    return sum(known) / len(known) if known else None


def _rows_by_seed(
    pictures: Sequence[ScoredPicture], vectors: torch.Tensor, name: str
) -> tuple[list[torch.Tensor], list[str]]:
    """For each row its vectors `[seeds, width]` of the seeds that all rows have, and what its prompt asks."""
    places = {(one.row, one.seed): place for place, one in enumerate(pictures)}
    prompts = {one.row: one.prompt for one in pictures}
    shared = [
        seed for seed in dict.fromkeys(one.seed for one in pictures)
        if all((row, seed) in places for row in prompts)
    ]  # fmt: skip
    if not shared:
        return [], []
    rows = [vectors[[places[row, seed] for seed in shared]] for row in prompts]
    return rows, [plain_prompt(prompt, name) for prompt in prompts.values()]
