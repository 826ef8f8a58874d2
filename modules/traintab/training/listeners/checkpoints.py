"""`embeddings/<name>-<step>`: copies of the embedding to go back to."""

from __future__ import annotations

from collections.abc import Iterable

from ..events import CheckpointSaved, StepCompleted, TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..saving import save_embedding
from ..state import TrainingState

__all__ = ["Checkpoints", "copy_suffix"]


class Checkpoints:
    """Saves a copy every `save_every` steps; the number in its name is the steps completed."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Save after the steps that are due; raises StorageError and NonFiniteError.

        At the start too, where a copy is missing: the run was killed between the state and the copy.
        """
        if not isinstance(event, (StepCompleted, TrainingStarted)) or not event.step:
            return
        path = self._record.folder.checkpoint(event.step, copy_suffix(len(state.vectors)))
        if event.step % self._record.config.outputs.save_every:
            return
        if isinstance(event, StepCompleted) or not path.exists():
            self._record.folder.check()
            save_embedding(self._record, state, path)
            yield CheckpointSaved(step=event.step, path=path)


def copy_suffix(num_text_encoders: int) -> str:
    """The web UI's `.pt` holds vectors for one text encoder; SDXL's two need `.safetensors`."""
    return ".pt" if num_text_encoders == 1 else ".safetensors"
