"""`run.yaml`: the complete config, written when the run starts."""

from __future__ import annotations

from collections.abc import Iterable

from ...configs import to_yaml
from ..events import TrainingEvent, TrainingStarted
from ..record import RunRecord
from ..state import TrainingState

__all__ = ["RunYaml"]


class RunYaml:
    """Writes the config that reruns the run, and that resuming reads."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record

    def hear(self, event: TrainingEvent, state: TrainingState) -> Iterable[TrainingEvent]:
        """Write at the start; also at a resumed one, whose number of steps may be another."""
        if isinstance(event, TrainingStarted):
            folder = self._record.folder
            folder.write(folder.run_yaml, to_yaml(self._record.config).encode("utf-8"))
        return ()
