"""The learning rate of every step: the schedule's text, the curve it follows, and the warmup before it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import ConfigError
from .learning_rate import Schedule

__all__ = ["SHAPES", "RateCurve", "warmup_steps"]

AS_WRITTEN = "as written"
SHAPES = (AS_WRITTEN, "constant", "linear", "cosine", "cosine with restarts", "polynomial")


@dataclass(frozen=True, kw_only=True)
class RateCurve:
    """The rate at every step of a run of `total_steps`, counted from the embedding's first.

    `written` gives the full rate; with a `shape` other than as written it is a single one. The shapes are
    diffusers' (`diffusers.optimization`), after the `warmup` steps. `factor` multiplies everything.
    """

    written: Schedule
    total_steps: int
    shape: str = AS_WRITTEN
    warmup: int = 0
    cycles: int = 1
    power: float = 1.0
    factor: float = 1.0

    @property
    def end_step(self) -> int:
        """Completed steps at which the schedule is exhausted and the run ends."""
        return self.written.end_step

    def at(self, completed_steps: int) -> float | None:
        """The rate for the step that follows `completed_steps`; None when the schedule is exhausted.

        Of three factors those that are off are exactly 1, and change no bit of the rate.
        """
        rate = self.written.at(completed_steps)
        return None if rate is None else rate * self._height(completed_steps) * self.factor

    def _height(self, step: int) -> float:
        """From 0 to 1: how much of the full rate there is.

        Unlike in diffusers the first step of a warmup has a share of the rate, not 0: it isn't wasted.
        """
        if step < self.warmup:
            return (step + 1) / self.warmup
        if self.shape in (AS_WRITTEN, "constant"):
            return 1.0
        progress = (step - self.warmup) / max(1, self.total_steps - self.warmup)
        if self.shape == "linear":
            return 1.0 - progress
        if self.shape == "polynomial":
            return math.pow(1.0 - progress, self.power)
        wave = progress if self.shape == "cosine" else (self.cycles * progress) % 1.0
        return 0.5 * (1.0 + math.cos(math.pi * wave))


def warmup_steps(text: str, *, max_steps: int) -> int:
    """`100`, or a share of Max steps such as `10%` or `0.1`, as steps; raises ConfigError."""
    steps = _steps(text.strip().replace(" ", ""), max_steps)
    if steps is None or not 0 <= steps < max(max_steps, 1):
        raise ConfigError(
            f"Warmup is {text!r}; a number of steps below Max steps ({max_steps}) was expected, or a share of"
            " it such as 10%. 0 is none.",
            field="lr_warmup",
        )
    return steps


def _steps(text: str, max_steps: int) -> int | None:
    """None for what is no number."""
    try:
        number = float(text.removesuffix("%") or "0")
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if text.endswith("%") or 0 < number < 1:
        share = number / 100 if text.endswith("%") else number
        return math.floor(share * max_steps + 0.5)
    return int(number) if number.is_integer() else None
