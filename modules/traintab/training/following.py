"""Where the processes of a training begin alike: one after the other, or as the first of them says."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TypeVar

from .processes import here
from .run_folder import RunFolder
from .state import TrainingState

__all__ = ["begin_alike", "folder_of_first", "held_by_first", "in_turn"]

Event = TypeVar("Event")
Found = TypeVar("Found")


def in_turn(
    work: Callable[[], Generator[Event, None, Found | None]],
) -> Generator[Event, None, Found | None]:
    """What `work` gives, done by the first process and then by the others, who find its files.

    None in all of them when it is None in one: the user stopped it.
    """
    processes, found = here(), None
    for is_turn in (processes.is_first, not processes.is_first):
        if is_turn:
            found = yield from work()
        if processes.any(is_turn and found is None):
            return None
    return found


def begin_alike(state: TrainingState) -> None:
    """Let `state` be the first process's: the same vectors, memory, randomness and order."""
    processes = here()
    if processes.count > 1:
        given = processes.of_first(state.state_dict())
        if not processes.is_first:
            state.load_state_dict(given)


def folder_of_first(make: Callable[[], RunFolder]) -> RunFolder:
    """The run's folder, which the first process makes."""
    processes = here()
    if processes.is_first:
        return processes.of_first(make())
    # Another process's own value is only a place for the one that it is given.
    return processes.of_first(RunFolder(path=Path(), embedding_name=""))


def held_by_first(lock: AbstractContextManager[None]) -> AbstractContextManager[None]:
    """`lock` in the first process, for all of them."""
    return lock if here().is_first else nullcontext()
