"""What a listener is, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from ..events import TrainingEvent
from ..state import TrainingState

__all__ = ["Listener", "told"]


class Listener(Protocol):
    """Does something about events, such as writing a file."""

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """React to an event and give further ones. `state` is whole, and only to be read."""


def told(
    event: TrainingEvent, listeners: Sequence[Listener], state: TrainingState
) -> Iterator[TrainingEvent]:
    """The event, then what the listeners make of it; they hear each other's events too."""
    yield event
    for listener in listeners:
        for further in listener.hear(event, state):
            yield from told(further, listeners, state)
