"""The pace of a training that is given minutes rather than steps: learning rate, progress lines, resume
points.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

Report = Callable[[str], None]


class Pace:
    """Counts the minutes of one stage, across interruptions, and saves a resume point now and then."""

    def __init__(self, name: str, minutes: float, checkpoint: Path, report: Report) -> None:
        self.name, self.minutes, self.checkpoint, self.report = name, minutes, checkpoint, report
        self.step = 0
        self._spent, self._since = 0.0, time.monotonic()
        self._reported = self._saved = self._since

    @property
    def seconds(self) -> float:
        """Seconds spent on this stage so far, earlier attempts included."""
        return self._spent + time.monotonic() - self._since

    @property
    def fraction(self) -> float:
        """The part of the stage that is done, 0 to 1."""
        return min(1.0, self.seconds / (60 * self.minutes))

    def learning_rate(self, peak: float, fraction: float, warmup: int = 200) -> float:
        """Linear warm-up over `warmup` steps, then half a cosine down to 2 % of `peak` at `fraction` 1."""
        cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fraction))
        return peak * min(1.0, (self.step + 1) / warmup) * cosine

    def load(self) -> dict[str, Any] | None:
        """The resume point, on the processor, if there is one; the time it had taken counts."""
        if not self.checkpoint.exists():
            return None
        state: dict[str, Any] = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        self.step, self._spent = state["step"], state["seconds"]
        self._since = time.monotonic()
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Write the resume point atomically."""
        partial = self.checkpoint.with_suffix(".partial")
        torch.save({**state, "step": self.step, "seconds": self.seconds}, partial)
        os.replace(partial, self.checkpoint)
        self._saved = time.monotonic()

    def is_save_due(self, seconds: float = 120) -> bool:
        """Whether the last resume point is older than `seconds`."""
        return time.monotonic() - self._saved > seconds

    def is_report_due(self, seconds: float = 20) -> bool:
        """Whether nothing has been reported for `seconds`."""
        return time.monotonic() - self._reported >= seconds

    def tell(self, text: str) -> None:
        """Report progress with the time left."""
        self._reported = time.monotonic()
        left = max(0.0, self.minutes - self.seconds / 60)
        self.report(f"{self.name}: step {self.step}, {text}, {left:.1f} minutes left")


def descend(loss: torch.Tensor, optimizer: torch.optim.Optimizer, average: Callable[[], None]) -> None:
    """One update against the gradient of `loss`, clipped to norm 1; `average` may change gradients before."""
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    average()
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


def keep_gradients() -> None:
    """The average of one process: nothing to change."""


def set_learning_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    """Give every parameter group of `optimizer` the learning rate `value`."""
    for group in optimizer.param_groups:
        group["lr"] = value
