"""A run's events as JSON lines, or as lines that people read."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from ..training.events import (
    CheckpointSaved,
    Evaluated,
    PreviewSaved,
    StepCompleted,
    TrainingEvent,
    TrainingFinished,
    TrainingInterrupted,
    TrainingNotice,
    TrainingStarted,
)
from .output import Output, event_mapping
from .progress import CurrentLine, Progress

__all__ = ["TrainingReport", "training_answer"]


class TrainingReport:
    """Takes a run's events by `add`; as a context it ends the progress line. `interrupted` is that event."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._preparing = CurrentLine(output.stream_for_people)
        self._progress: Progress | None = None
        self.interrupted: TrainingInterrupted | None = None

    def __enter__(self) -> TrainingReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._preparing.close()
        if self._progress is not None:
            self._progress.close()

    def add(self, event: TrainingEvent) -> None:
        """Tell one event."""
        if isinstance(event, TrainingInterrupted):
            self.interrupted = event
        if isinstance(event, TrainingNotice):
            self._notice(event)
            return
        self._output.record(training_answer(event))
        if not self._output.as_json:
            self._tell(event)

    def _tell(self, event: TrainingEvent) -> None:
        if isinstance(event, StepCompleted):
            if self._progress is not None:
                self._progress.step(event.step, event.loss)
        elif isinstance(event, Evaluated):
            if self._progress is not None:
                self._progress.evaluated(event.loss)
        elif isinstance(event, TrainingStarted):
            self._note(event.message or f"Training on {event.num_images} pictures.")
            self._note(f"Log directory: {event.run_dir}")
            stream = self._output.stream_for_people
            self._progress = Progress(stream, total=event.total_steps, start=event.step)
        elif isinstance(event, CheckpointSaved):
            self._note(f"Saved {event.path}")
        elif isinstance(event, PreviewSaved):
            self._note(f"Preview {event.path}")
        elif isinstance(event, TrainingFinished):
            self._note(event.message or f"Finished at step {event.step}: {event.path}")

    def _notice(self, event: TrainingNotice) -> None:
        """Advice has a line of its own; how far the preparation is shares one, and its end is told."""
        if event.fraction is None:
            self._note(event.message)
        elif event.fraction >= 1 or self._preparing.is_due():
            self._preparing.show(event.message)

    def _note(self, text: str) -> None:
        if self._progress is None:
            self._preparing.note(text)
        else:
            self._progress.note(text)


def training_answer(event: TrainingEvent) -> dict[str, Any]:
    """The event as a JSON object: `event`, `step` and what else applies; a start's `path` is its folder."""
    mapping = event_mapping(event)
    if "run_dir" in mapping:
        mapping["path"] = mapping.pop("run_dir")
    return mapping
