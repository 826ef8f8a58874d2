"""What a listener is, and how it is told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from ..events import TrainingEvent
from ..state import TrainingState

__all__ = ["Listener", "closed", "told"]


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


@runtime_checkable
class _Closing(Protocol):
    def close(self) -> None: ...


@contextlib.contextmanager
def closed(listeners: Sequence[Listener]) -> Iterator[None]:
    """With the listeners; those that hold something open are closed at the end, however it comes."""
    with contextlib.ExitStack() as closing:
        for listener in listeners:
            if isinstance(listener, _Closing):
                closing.callback(listener.close)
        yield
