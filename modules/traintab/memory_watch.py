"""How much memory a job uses, read by the job itself now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .jobs import JobContext, JobMemory

if TYPE_CHECKING:
    from .models.memory import MemoryUse

__all__ = ["with_memory"]

_SECONDS = 2.0


def with_memory(
    events: Iterable[object], context: JobContext, read: Callable[[], MemoryUse | None]
) -> Iterator[object]:
    """Pass the events through, and tell the job's snapshot every two seconds what `read` says.

    Where a peak isn't counted, the most that was read stands for it. Between the readings this costs a look
    at the clock; where the device tells nothing, nothing is told.
    """
    due, most = 0.0, 0
    for event in events:
        yield event
        if time.monotonic() < due:
            continue
        use, due = read(), time.monotonic() + _SECONDS
        if use is not None:
            most = max(most, use.allocated, use.peak or 0)
            context.update(memory=JobMemory(used=use.allocated, total=use.total, peak=most))
