"""What trainings measured of themselves, kept in the cache: by it the page tells how long the next takes."""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from .configs import TrainingConfig
from .errors import StorageError
from .files import write_text_atomically
from .training.events import (
    Evaluated,
    PreviewSaved,
    StepCompleted,
    TrainingFinished,
    TrainingInterrupted,
    TrainingStarted,
)
from .training.pace import Pace

if TYPE_CHECKING:
    from .jobs import JobMemory
    from .models.model import Model

__all__ = ["MeasuredPaces", "Stopwatch", "pace_asked"]

_LOGGER = logging.getLogger(__name__)
_FILE = "paces.json"
_KEPT = 100
_STEPS_SEEN = 200
# The first steps compile, fill caches and choose kernels.
_WARM_UP = 2
_FEWEST = 5
_OTHERS_SEEN = 20


class MeasuredPaces:
    """The paces of earlier trainings in a file below `cache_dir`; a lost or broken one counts as none."""

    def __init__(self, cache_dir: Path) -> None:
        self._file = cache_dir / _FILE

    def known(self) -> list[Pace]:
        """What was measured, the newest last."""
        try:
            loaded = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        rows = loaded if isinstance(loaded, list) else []
        return [pace for row in rows if (pace := _pace(row)) is not None]

    def note(self, pace: Pace) -> None:
        """Keep it in place of what was measured with the same settings; a full disk is told in the log."""
        others = [known for known in self.known() if _settings(known) != _settings(pace)]
        rows = [dataclasses.asdict(one) for one in (*others, pace)][-_KEPT:]
        try:
            write_text_atomically(self._file, json.dumps(rows, indent=1))
        except StorageError as error:
            _LOGGER.warning("%s", error)


class Stopwatch:
    """Measures a training by its events; only the time in which it worked at one counts.

    `pace` is what the settings are, without figures; a start that tells of smaller batches is believed.
    """

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.perf_counter) -> None:
        self._pace = pace
        self._clock = clock
        self._before = 0.0
        self._has_started = False
        self._last_step: int | None = None
        self._steps: deque[tuple[int, float]] = deque(maxlen=_STEPS_SEEN)
        self._previews: deque[float] = deque(maxlen=_OTHERS_SEEN)
        self._evaluations: deque[float] = deque(maxlen=_OTHERS_SEEN)
        self._seen = 0

    def follow(self, events: Iterable[object]) -> Generator[object, None, None]:
        """Pass the events through."""
        iterator = iter(events)
        try:
            while True:
                began = self._clock()
                try:
                    event = next(iterator)
                except StopIteration:
                    return
                self._add(event, self._clock() - began)
                yield event
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def result(self, memory: JobMemory | None = None) -> Pace | None:
        """The pace with its figures; None when too few steps were taken to know it."""
        if sum(count for count, _ in self._steps) < _FEWEST:
            return None
        steps = sum(count for count, _ in self._steps)
        return dataclasses.replace(
            self._pace,
            seconds_per_step=sum(seconds for _, seconds in self._steps) / steps,
            seconds_per_preview=median(self._previews) if self._previews else None,
            seconds_per_evaluation=fmean(self._evaluations) if self._evaluations else None,
            seconds_before=self._before,
            peak_memory=None if memory is None else memory.peak,
            total_memory=None if memory is None else memory.total,
        )

    def _add(self, event: object, seconds: float) -> None:
        if isinstance(event, StepCompleted):
            self._add_step(event.step, seconds)
        elif isinstance(event, PreviewSaved):
            self._previews.append(seconds)
        elif isinstance(event, Evaluated):
            self._evaluations.append(seconds)
        elif isinstance(event, TrainingStarted):
            self._before += seconds
            self._has_started, self._last_step = True, event.step
            if event.batch_size and event.accumulation:
                self._pace = dataclasses.replace(
                    self._pace, batch_size=event.batch_size, accumulation=event.accumulation
                )
        elif not self._has_started and not isinstance(event, (TrainingInterrupted, TrainingFinished)):
            self._before += seconds

    def _add_step(self, step: int, seconds: float) -> None:
        """On a graphics card steps come in flocks: the time of one that is waited for is that of several."""
        count = step - self._last_step if self._last_step is not None else 1
        self._last_step = step
        self._seen += count
        if self._seen > _WARM_UP and count > 0:
            self._steps.append((count, seconds))


def pace_asked(config: TrainingConfig, default_size: int, model: Model | None = None) -> Pace:
    """The settings that a training's pace depends on, the sizes left open being the model's `default_size`.

    Device and precision are empty without a model.
    """
    return Pace(
        model=config.model,
        device="" if model is None else str(model.device),
        precision="" if model is None else str(model.dtype).removeprefix("torch."),
        width=config.dataset.width or default_size,
        height=config.dataset.height or default_size,
        batch_size=config.optimization.batch_size,
        accumulation=config.optimization.gradient_accumulation_steps,
        checkpointing=config.memory.gradient_checkpointing,
    )


def _settings(pace: Pace) -> tuple[Any, ...]:
    return (
        *(pace.model, pace.device, pace.precision, pace.width, pace.height),
        *(pace.batch_size, pace.accumulation, pace.checkpointing),
    )


def _pace(row: Any) -> Pace | None:
    """A row of the file; None for one that another version wrote, or somebody's hand."""
    hints = {field.name: str(field.type) for field in dataclasses.fields(Pace)}
    if not isinstance(row, dict) or set(row) != set(hints):
        return None
    is_right = all(_fits(row[name], hint) for name, hint in hints.items())
    return Pace(**row) if is_right else None


def _fits(value: Any, hint: str) -> bool:
    if value is None:
        return "None" in hint
    if hint == "str":
        return isinstance(value, str)
    number = isinstance(value, int) or (isinstance(value, float) and "float" in hint)
    return number and not isinstance(value, bool) and 0 <= value < float("inf")
