"""How fast a job goes, told from the steps alone."""

from __future__ import annotations

from collections import deque

__all__ = ["Pace"]

_WINDOW = 50


class Pace:
    """A moving average of the seconds a step takes.

    Only time spent on events that completed steps is added, so loading, previews and short tasks
    between two events never count.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[int, float]] = deque(maxlen=_WINDOW)

    def add(self, steps: int, seconds: float) -> None:
        """Note that `steps` steps (at least 1) took `seconds`."""
        if steps > 0:
            self._samples.append((steps, max(seconds, 0.0)))

    @property
    def seconds_per_step(self) -> float | None:
        """The average over the last events, None before the first."""
        steps = sum(count for count, _ in self._samples)
        return sum(seconds for _, seconds in self._samples) / steps if steps else None

    def eta_seconds(self, steps_left: int) -> float | None:
        """Seconds until `steps_left` more steps are done, None when nothing is known yet."""
        pace = self.seconds_per_step
        return None if pace is None else pace * max(steps_left, 0)
