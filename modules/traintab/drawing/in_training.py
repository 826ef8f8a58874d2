"""The embedding that is trained right now, with the vectors as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ..training.events import TrainingStarted

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding

__all__ = ["InTraining"]


class InTraining:
    """Follows a run's events, so that a drawing between two of them can use what has been learned so far."""

    def __init__(self) -> None:
        self._current: Callable[[], Embedding] | None = None

    def follow(self, events: Iterable[object]) -> Iterator[object]:
        """Pass the events through; from the run's start to its end there is a current embedding."""
        try:
            for event in events:
                if isinstance(event, TrainingStarted):
                    self._current = event.current_embedding
                yield event
        finally:
            self._current = None

    def current(self) -> Embedding | None:
        """The embedding as of its last step; None while nothing is trained.

        To be asked on the thread that trains, where it stands between two events. Raises NonFiniteError when
        the vectors have gone bad.
        """
        return None if self._current is None else self._current()
