"""The embedding that is trained right now, with the vectors as they are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING

from ..training.events import TrainingStarted

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..training.requests import Requests

__all__ = ["InTraining"]


class InTraining:
    """Follows a run's events, so that a drawing between two of them can use what has been learned so far."""

    def __init__(self) -> None:
        self._current: Callable[[], tuple[Embedding, ...]] | None = None
        self._requests: Requests | None = None

    def follow(self, events: Iterable[object]) -> Generator[object, None, None]:
        """Pass the events through; from the run's start to its end there is a current embedding."""
        try:
            for event in events:
                if isinstance(event, TrainingStarted):
                    self._current, self._requests = event.current_embeddings, event.requests
                yield event
        finally:
            self._current = self._requests = None

    @property
    def requests(self) -> Requests | None:
        """What takes wishes for the run; None while nothing is trained. From any thread."""
        return self._requests

    def current(self) -> tuple[Embedding, ...]:
        """What is trained as of its last step; nothing while nothing is trained.

        To be asked on the thread that trains, where it stands between two events. Raises NonFiniteError when
        the vectors have gone bad.
        """
        return () if self._current is None else self._current()
