"""What the listeners and the final files need to know of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import torch

from ..configs import TrainingConfig
from ..embeddings.embedding import Embedding
from ..embeddings.formats.untrusted import MAX_COMMENT, clean_text
from ..embeddings.formats.writing import EmbeddingWriter
from .run_folder import RunFolder
from .state import TrainingState
from .together import TrainedEmbedding, listed, rows_of_each

__all__ = ["RunRecord"]

_DTYPES = MappingProxyType({"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16})


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
            for one, rows in zip(self.together, rows_of_each(vectors, self.together), strict=True)
        )

    def places(self, path: Path, step: int) -> tuple[Path, ...]:
        """`path`, where the embedding of the run's `step` is kept, and where those trained with it are then.

        They have their own files where `path` is the run's target; of copies theirs lie beside it, called
        after their own count of steps.
        """
        others = self.together[1:]
        if path == self.target:
            return (path, *(one.target for one in others))
        called = (f"{one.name}-{step + one.step_offset}{path.suffix}" for one in others)
        return (path, *map(path.with_name, called))

    @property
    def names(self) -> str:
        """What is trained, for sentences: `mira`, or `mira and ben`."""
        return listed([one.name for one in self.together] or [self.config.embedding_name])

    @property
    def targets(self) -> str:
        """The files that it is kept in, for sentences."""
        return listed([str(place) for place in self.places(self.target, 0)])

    @property
    def save_dtype(self) -> torch.dtype:
        """The number format of the files that are for use; the state keeps float32."""
        return _DTYPES[self.config.outputs.save_precision]

    def write(self, embedding: Embedding, path: Path) -> None:
        """Write an embedding of this run in the precision that was asked for; raises StorageError."""
        EmbeddingWriter(embedding, dtype=self.save_dtype).write(path)

    def _made(self, name: str, vectors: Mapping[str, torch.Tensor], step: int) -> Embedding:
        return Embedding(
            name=name,
            vectors=dict(vectors),
            step=step,
            sd_checkpoint=self.model_hash,
            sd_checkpoint_name=self.model_name,
            comment=clean_text(self.config.outputs.comment, MAX_COMMENT),
        )
