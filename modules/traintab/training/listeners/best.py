"""The best vectors so far, kept as a copy, and `best.json`, which says which copy that is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from ..best import BestCheckpoint, read_best, write_best
from ..copies import asked_for, copy_number
from ..evaluation import BestVectors, EvaluationHistory
from ..events import BestStep, Evaluated, TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..state import TrainingState
from ..state_files import write_state
from ..target import writable_suffixes

__all__ = ["Best"]


class Best:
    """Keeps one best copy, with the state to go on from; the one before goes, unless it is a regular copy."""

    def __init__(self, record: RunRecord, history: EvaluationHistory) -> None:
        self._record = record
        self._history = history

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Save at each new best, and at the start what a killed run may have left undone.

        Raises StorageError.
        """
        best = self._history.best
        if isinstance(event, TrainingStarted):
            if best is not None:
                self._keep(best, state)
        elif isinstance(event, Evaluated) and event.is_best and best is not None:
            told = self._keep(best, state)
            write_state(self._record.folder, state.remember())
            yield told

    def _keep(self, best: BestVectors, state: TrainingState) -> BestStep:
        folder = self._record.folder
        path = folder.checkpoint(best.step, writable_suffixes(len(best.vectors))[0])
        folder.check()
        state.check_finite()
        places = self._record.places(path, best.step)
        embeddings = self._record.embeddings_of(best.vectors, best.step)
        for embedding, place in zip(embeddings, places, strict=True):
            self._record.write(embedding, place)
        before = read_best(folder)
        others = {one.name: place for one, place in zip(embeddings[1:], places[1:], strict=True)}
        write_best(folder, BestCheckpoint(step=best.step, loss=best.loss, path=path, others=others))
        if before is not None and before.path != path and self._gives_way(before.step, state.step):
            # Windows refuses while somebody has it open; then there is a copy more.
            for place in (before.path, *before.others.values()):
                with contextlib.suppress(OSError):
                    place.unlink()
        return BestStep(step=best.step, loss=best.loss, path=path)

    def _gives_way(self, step: int, now: int) -> bool:
        """Whether the copy of `step` has been outdone, or comes again; regular and *Save now*'s copies stay.

        Losses on another evaluation set can't be compared: the best by that one stays too.
        """
        is_staying = copy_number(self._record, step) > 0 or step in asked_for(self._record.folder)
        return not is_staying and (step > now or step in dict(self._history.points))
