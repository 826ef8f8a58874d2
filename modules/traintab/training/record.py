"""What the listeners and the final files need to know of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from ..configs import TrainingConfig
from ..embeddings.embedding import Embedding
from .run_folder import RunFolder
from .state import TrainingState
from .together import TrainedEmbedding, split

__all__ = ["RunRecord"]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The facts of a run. `target` is the embedding's own file; `config` is complete.

    `together` are all the embeddings of a run with several, the one it is called after first.
    """

    config: TrainingConfig
    folder: RunFolder
    target: Path
    model_name: str
    model_hash: str
    num_images: int
    start_step: int
    together: tuple[TrainedEmbedding, ...] = ()

    def embedding(self, state: TrainingState) -> Embedding:
        """The embedding as it is now; raises NonFiniteError when its vectors have gone bad."""
        return self.embeddings(state)[0]

    def embeddings(self, state: TrainingState) -> tuple[Embedding, ...]:
        """All that are trained, as they are now, in the order of `together`; raises NonFiniteError."""
        state.check_finite()
        return self.embeddings_of(state.copied_result(), state.step)

    def embeddings_of(self, vectors: Mapping[str, torch.Tensor], step: int) -> tuple[Embedding, ...]:
        """All that are trained, from the run's vectors `[rows, width]` by text encoder, after its `step`."""
        if not self.together:
            return (self._made(self.config.embedding_name, vectors, step),)
        return tuple(
            self._made(one.name, rows, step + one.step_offset)
            for one, rows in zip(self.together, split(vectors, self.together), strict=True)
        )

    @property
    def targets(self) -> tuple[Path, ...]:
        """The files that the embeddings are kept in, in their order."""
        return tuple(one.target for one in self.together) or (self.target,)

    def _made(self, name: str, vectors: Mapping[str, torch.Tensor], step: int) -> Embedding:
        return Embedding(
            name=name,
            vectors=dict(vectors),
            step=step,
            sd_checkpoint=self.model_hash,
            sd_checkpoint_name=self.model_name,
        )
