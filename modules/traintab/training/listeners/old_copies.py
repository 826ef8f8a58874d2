"""Copies that are too many, removed after each new one."""

from __future__ import annotations

from collections.abc import Iterable

from ..copies import copy_number, remove_old_copies
from ..events import CheckpointSaved, TrainingEvent
from ..record import RunRecord
from ..state import TrainingState

__all__ = ["OldCopies"]


class OldCopies:
    """Keeps the last `keep_last` copies; the new one is on the disk before an old one goes."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Remove after each regular copy."""
        if isinstance(event, CheckpointSaved) and copy_number(self._record, event.step):
            remove_old_copies(self._record, event.step)
        return ()
