"""The measures, on distances between pictures: plain arithmetic.

As DreamBooth measures (arXiv 2208.12242, section 4): fidelity to the subject is the mean cosine between the
vectors of drawn and real pictures, over all pairs; diversity the mean distance of pictures of one prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import torch

__all__ = ["Distance", "change_by_prompt", "cosine_distance", "mean_pair_distance", "nearest_text_share"]

Distance = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Vectors `[a, width]` and `[b, width]` to the distances `[a, b]` of all pairs."""


def cosine_distance(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """1 - cosine of all pairs of unit vectors `[a, width]` and `[b, width]`: `[a, b]`, 0 to 2."""
    return (1 - one @ other.T).clamp(min=0)


def mean_pair_distance(vectors: torch.Tensor, distance: Distance) -> float | None:
    """The mean over all pairs of different rows of `vectors` `[pictures, width]`; None for less than two."""
    count = len(vectors)
    if count < 2:
        return None
    apart = distance(vectors, vectors)
    return float(apart.sum() - apart.diagonal().sum()) / (count * (count - 1))


def change_by_prompt(rows: Sequence[torch.Tensor], texts: Sequence[str], distance: Distance) -> float | None:
    """How far another prompt changes the picture of the same seed: the mean distance of such pairs.

    `rows[i]` `[seeds, width]` are the pictures of `texts[i]`, the same seed at the same place; pairs of rows
    with the same text don't count. None when there is no pair.
    """
    numbered = zip(rows, texts, strict=True)
    pairs = [(one, other) for (one, text), (other, else_) in combinations(numbered, 2) if text != else_]
    apart = [distance(one, other).diagonal().mean() for one, other in pairs]
    return float(torch.stack(apart).mean()) if apart else None


def nearest_text_share(rows: Sequence[torch.Tensor], texts: torch.Tensor) -> float | None:
    """The share of pictures that are nearer to their own row's text than to that of any other row, 0 to 1.

    Unit vectors `[seeds, width]` a row, and `[rows, width]` of the different texts; None for less than two
    rows. Some texts are near to every picture: what a text has in common with all pictures is taken away
    first.
    """
    if len(rows) < 2:
        return None
    cosines = torch.cat([row @ texts.T for row in rows])
    best = (cosines - cosines.mean(dim=0)).argmax(dim=1)
    own = torch.cat([torch.full((len(row),), number) for number, row in enumerate(rows)])
    return float((best == own).float().mean())
