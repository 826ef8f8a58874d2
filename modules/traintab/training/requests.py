"""What a user asks of a running training: a preview, or a copy, of the vectors as they are now."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ..errors import NothingToDoError

__all__ = ["Request", "Requests", "Wanted"]


class Wanted(Enum):
    """What can be asked for."""

    SAMPLE = "Sample now"
    SAVE = "Save now"


@dataclass(frozen=True)
class Request:
    """One wish; `done` gets the files that were written, or why there are none."""

    wanted: Wanted
    done: Future[list[Path]] = field(default_factory=Future)


class Requests:
    """Asked from any thread, served between two steps by the one that trains."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Request] = deque()
        self._is_closed = False

    def ask(self, wanted: Wanted) -> Future[list[Path]]:
        """Have it done after the step that is running; pressing twice before that asks once.

        Raises NothingToDoError when the run has ended.
        """
        with self._lock:
            if self._is_closed:
                raise _too_late(wanted)
            same = next((request for request in self._waiting if request.wanted is wanted), None)
            request = same or Request(wanted)
            if same is None:
                self._waiting.append(request)
            return request.done

    def take(self) -> Request | None:
        """The next one that nobody has taken."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """The run has ended: who still waits is told so."""
        with self._lock:
            self._is_closed = True
            left, self._waiting = self._waiting, deque()
        for request in left:
            request.done.set_exception(_too_late(request.wanted))


def _too_late(wanted: Wanted) -> NothingToDoError:
    return NothingToDoError(
        f"{wanted.value}: the training ended before that; what it learned is saved. Draw pictures in txt2img."
    )
