"""What stays the same while training: the counterpart of the state."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch

from ..schedules.learning_rate import Schedule
from ..schedules.rate_curve import RateCurve
from .evaluation import Evaluator
from .loss_scaler import LossScaler
from .norm_control import NormControl
from .processes import Processes
from .state import TrainingState

__all__ = ["BatchLoss", "GradientClipping", "Session"]


class BatchLoss(Protocol):
    """How badly the vectors do on some pictures."""

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        """Mean loss `[]` over the pictures of these indexes, with gradient, and the first one's prompt."""


@dataclass(frozen=True, kw_only=True)
class GradientClipping:
    """Bounds each value of the gradient, or its norm over all vectors, by a schedule of bounds."""

    mode: str
    bounds: Schedule

    def bound_at(self, completed_steps: int) -> float:
        """The bound for the step that follows; a schedule that has run out keeps its last value."""
        bound = self.bounds.at(completed_steps)
        return self.bounds.segments[-1].rate if bound is None else bound


@dataclass(frozen=True, kw_only=True)
class Session:
    """The rules of a run.

    `learning_rate` is a written schedule, or the curve that is made of one.

    The loss is read back from the device every `read_every` steps: free on the CPU, a pause on a card.
    `loss_scaler` keeps small gradients of float16 models from vanishing; it belongs to the state, and then
    every step is read back.
    Without an `evaluator` nothing is evaluated, and only steps and schedule end the run. `norm_control`
    has a word after each update. `notices` are sentences for the user, told after the step.
    `processes` share the batches; only the first of them has the evaluator.
    """

    total_steps: int
    learning_rate: Schedule | RateCurve
    batch_loss: BatchLoss
    clipping: GradientClipping | None = None
    read_every: int = 1
    loss_scaler: LossScaler | None = None
    evaluator: Evaluator | None = None
    norm_control: NormControl | None = None
    notices: deque[str] = field(default_factory=deque)
    processes: Processes = field(default_factory=Processes)

    def reads_loss_at(self, step: int) -> bool:
        """Whether the loss of this step is read back."""
        return step % self.read_every == 0 or step == self.total_steps
