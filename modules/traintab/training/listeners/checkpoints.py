"""`embeddings/<name>-<step>`: copies of the embedding to go back to."""

from __future__ import annotations

from collections.abc import Iterable

from ..events import CheckpointSaved, StepCompleted, TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..saving import save_embedding
from ..state import TrainingState
from ..target import writable_suffixes

__all__ = ["Checkpoints"]


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
        path = self._record.folder.checkpoint(event.step, writable_suffixes(len(state.vectors))[0])
        if event.step % self._record.config.outputs.save_every:
            return
        places = self._record.places(path, event.step)
        if isinstance(event, StepCompleted) or not all(place.exists() for place in places):
            self._record.folder.check()
            save_embedding(self._record, state, path)
            yield CheckpointSaved(step=event.step, path=path)
