"""`state/`: what resuming needs, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ...files import clear_leftovers
from ..events import StepCompleted, TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..run_folder import UNFINISHED
from ..state import TrainingState
from ..state_files import write_state

__all__ = ["States"]

_SECONDS_BETWEEN = 10.0


class States:
    """Writes the state at the start, before every copy of the embedding, and else every ten seconds.

    A killed process so loses ten seconds at most. `clock` gives seconds; saving changes nothing in what
    is trained, so the real time may decide.
    """

    def __init__(self, record: RunRecord, clock: Callable[[], float] = time.monotonic) -> None:
        self._record = record
        self._clock = clock
        self._last = clock()

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Save at the start and after steps."""
        if isinstance(event, TrainingStarted):
            self._clear_leftovers()
            self._save(state)
            self._record.folder.mark(UNFINISHED)
        elif isinstance(event, StepCompleted) and self._is_due(event.step):
            self._save(state)
        return ()

    def _clear_leftovers(self) -> None:
        """Nobody else writes here now: the run and the embedding are locked."""
        run = self._record.folder
        kept_in = {place.parent for place in self._record.places(self._record.target, 0)}
        for folder in (run.path, run.state_dir, run.checkpoint(0).parent, *kept_in):
            clear_leftovers(folder)

    def _is_due(self, step: int) -> bool:
        every = self._record.config.outputs.save_every
        return (every > 0 and step % every == 0) or self._clock() - self._last >= _SECONDS_BETWEEN

    def _save(self, state: TrainingState) -> None:
        state.check_finite()
        # A card's loss is read now and then only: a failure shall not go back behind what is saved.
        write_state(self._record.folder, state.remember())
        self._last = self._clock()
