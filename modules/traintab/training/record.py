"""What the listeners and the final files need to know of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..configs import TrainingConfig
from ..embeddings.embedding import Embedding
from .run_folder import RunFolder
from .state import TrainingState

__all__ = ["RunRecord"]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The facts of a run. `target` is the embedding's own file; `config` is complete."""

    config: TrainingConfig
    folder: RunFolder
    target: Path
    model_name: str
    model_hash: str
    num_images: int
    start_step: int

    def embedding(self, state: TrainingState) -> Embedding:
        """The embedding as it is now; raises NonFiniteError when its vectors have gone bad."""
        state.check_finite()
        return Embedding(
            name=self.config.embedding_name,
            vectors=state.copied_vectors(),
            step=state.step,
            sd_checkpoint=self.model_hash,
            sd_checkpoint_name=self.model_name,
        )
