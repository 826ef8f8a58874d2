"""What a running job may ask and tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .snapshot import JobSnapshot, JobStatus

__all__ = ["JobContext"]


class _Update(Protocol):
    def __call__(self, **changes: object) -> JobSnapshot: ...


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """Handed to the job's function.

    `should_stop()` is asked between steps. `update(**changes)` sets fields of the snapshot; a `loss`
    that comes with a `step` is added to the curve. `conclude(status)` says how the job ends once its
    generator is through; the status itself changes only then. `snapshot()` is what is known so far.
    """

    should_stop: Callable[[], bool]
    update: _Update
    conclude: Callable[[JobStatus], None]
    snapshot: Callable[[], JobSnapshot]
