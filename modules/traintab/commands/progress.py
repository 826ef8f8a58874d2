"""How far a task is, in one line."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import TextIO

from ..jobs.pace import Pace
from .output import say

__all__ = ["CurrentLine", "Progress", "duration"]

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_UPDATES = 0.1


def duration(seconds: float) -> str:
    """`75` as `1 min 15 s`, `4000` as `1 h 6 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class CurrentLine:
    """A line that is kept current on a terminal; elsewhere a new one now and then.

    `now` is a clock in seconds.
    """

    def __init__(self, stream: TextIO, *, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._now = now
        self._last_shown_at = now()
        self._width = 0

    def is_due(self) -> bool:
        """Whether it's time for another text."""
        interval = _SECONDS_BETWEEN_UPDATES if self._is_terminal else _SECONDS_BETWEEN_LINES
        return self._now() - self._last_shown_at >= interval

    def show(self, text: str) -> None:
        """This is what the line says now."""
        self._last_shown_at = self._now()
        if not self._is_terminal:
            say(self._stream, text)
            return
        text = text[: shutil.get_terminal_size().columns - 1]
        # Blanks rub out what a longer line left behind.
        say(self._stream, "\r" + text.ljust(self._width), end="")
        self._width = len(text)

    def note(self, text: str) -> None:
        """A line of its own, above the current one."""
        self.close()
        say(self._stream, text)

    def close(self) -> None:
        """End the current line."""
        if self._width:
            say(self._stream, "")
            self._width = 0


class Progress:
    """Step, loss, pace and time left: one line that is kept current on a terminal, else one now and then.

    `total` is the number of steps, of which `start` were done before. `now` is a clock in seconds.
    """

    def __init__(
        self, stream: TextIO, *, total: int, start: int = 0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._line = CurrentLine(stream, now=now)
        self._total = total
        self._step = start
        self._now = now
        self._pace = Pace()
        self._loss: float | None = None
        self._evaluation: float | None = None
        self._last_step_at = now()

    def step(self, step: int, loss: float | None = None) -> None:
        """`step` steps are done, the last with this loss (None: not known)."""
        now = self._now()
        self._pace.add(step - self._step, now - self._last_step_at)
        self._step, self._last_step_at = step, now
        self._loss = self._loss if loss is None else loss
        if self._line.is_due() or step == self._total:
            self._line.show(self.text())

    def evaluated(self, loss: float) -> None:
        """The newest loss on the evaluation set, shown with the next step; its time belongs to no step."""
        self._evaluation = loss
        self.pause()

    def pause(self) -> None:
        """The time since the last step belongs to no step: a preview was drawn, say."""
        self._last_step_at = self._now()

    def note(self, text: str) -> None:
        """A line of its own, above the current one."""
        self._line.note(text)
        self.pause()

    def close(self) -> None:
        """End the current line."""
        self._line.close()

    def text(self) -> str:
        """What is shown now."""
        parts = [f"step {self._step}/{self._total}"]
        if self._loss is not None:
            parts.append(f"loss {self._loss:.4f}")
        if self._evaluation is not None:
            parts.append(f"evaluation {self._evaluation:.4f}")
        pace, left = self._pace.seconds_per_step, self._pace.eta_seconds(self._total - self._step)
        if pace is not None and left is not None:
            parts += [f"{pace:.3g} s/step", f"ETA {duration(left)}"]
        return "  ".join(parts)
