"""What a user asks of a running training: a preview, or a copy, of the vectors as they are now."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ..errors import NothingToDoError

__all__ = ["Request", "Requests", "Wanted", "too_late"]


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
                raise too_late(wanted)
            alike = (one for one in self._waiting if one.wanted is wanted and not one.done.cancelled())
            same = next(alike, None)
            request = same or Request(wanted)
            if same is None:
                self._waiting.append(request)
            return request.done

    def take(self) -> Request | None:
        """The next one that nobody has taken; who asked can't take it back then."""
        with self._lock:
            while self._waiting:
                request = self._waiting.popleft()
                if request.done.set_running_or_notify_cancel():
                    return request
            return None

    def close(self) -> None:
        """The run has ended: who still waits is told so."""
        with self._lock:
            self._is_closed = True
            left, self._waiting = self._waiting, deque()
        for request in left:
            if request.done.set_running_or_notify_cancel():
                request.done.set_exception(too_late(request.wanted))


def too_late(wanted: Wanted) -> NothingToDoError:
    """The run has ended, or is about to."""
    return NothingToDoError(
        f"{wanted.value}: the training ended before that; what it learned is saved. Draw pictures in txt2img."
    )
