"""What an embedding is, whatever file it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch

__all__ = ["Embedding", "SkippedEmbedding"]


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """Learned word vectors with a name.

    `vectors` maps the name of a text encoder (`clip_l`; SD2 `clip_h`; SDXL `clip_l` and `clip_g`) to a
    float32 tensor `[num_vectors, width]` on the CPU. `step` counts the optimizer updates that made it,
    None when the file did not say. `sd_checkpoint` is the short hash of the model it was trained on.
    `comment` is what its maker says of it.
    """

    name: str
    vectors: dict[str, torch.Tensor]
    step: int | None = None
    sd_checkpoint: str | None = None
    sd_checkpoint_name: str | None = None
    comment: str | None = None
    source: Path | None = field(default=None, compare=False)

    @property
    def num_vectors(self) -> int:
        """Rows of every encoder's tensor: the token places the name takes in a prompt."""
        return int(next(iter(self.vectors.values())).shape[0])

    @property
    def widths(self) -> dict[str, int]:
        """Width of the vectors for each text encoder."""
        return {encoder: int(tensor.shape[1]) for encoder, tensor in self.vectors.items()}

    def fits(self, widths: Mapping[str, int]) -> bool:
        """Whether a model whose text encoders have these widths can use it."""
        return self.widths == dict(widths)


@dataclass(frozen=True, kw_only=True)
class SkippedEmbedding:
    """A file in the embeddings folder that can't be used, and why, as a sentence for the page.

    `embedding` is what it holds when the file itself is sound: of another model, or of a taken name.
    """

    path: Path
    reason: str
    embedding: Embedding | None = field(default=None, compare=False)
