"""How good the vectors are, asked in the same way each time: the history of the answers, and when to ask."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ..errors import NonFiniteError
from .automatic_stop import AutomaticStop, variance_share
from .events import Evaluated
from .state import TrainingState

__all__ = ["BestVectors", "EvaluationHistory", "Evaluator"]


@dataclass(frozen=True, kw_only=True)
class BestVectors:
    """The vectors with the lowest loss so far: float32 `[num_vectors, width]` on the CPU by text encoder."""

    step: int
    loss: float
    vectors: Mapping[str, torch.Tensor]


class EvaluationHistory:
    """All evaluations of a run as (step, loss) points, and the best vectors among them: part of the state.

    `identity` names the evaluation set. Points of another set are no part of the same curve, so a state that
    holds such ones begins a new history.
    """

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.points: tuple[tuple[int, float], ...] = ()
        self.best: BestVectors | None = None

    @property
    def losses(self) -> list[float]:
        """The losses in the order of their steps."""
        return [loss for _, loss in self.points]

    def add(self, loss: float, state: TrainingState) -> bool:
        """Take the loss of the state's step; returns whether it is the lowest so far."""
        self.points = (*self.points, (state.step, loss))
        is_best = self.best is None or loss < self.best.loss
        if is_best:
            self.best = BestVectors(step=state.step, loss=loss, vectors=state.copied_result())
        return is_best

    def state_dict(self) -> dict[str, Any]:
        """Nothing is copied: points and best vectors are replaced, never changed."""
        best = {} if self.best is None else {**vars(self.best), "vectors": dict(self.best.vectors)}
        return {"identity": self.identity, "points": self.points, "best": best}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`, or begin anew when it comes from another evaluation set."""
        is_ours = state["identity"] == self.identity
        self.points = tuple((int(step), float(loss)) for step, loss in state["points"]) if is_ours else ()
        self.best = BestVectors(**state["best"]) if is_ours and state["best"] else None


@dataclass(frozen=True, kw_only=True)
class Evaluator:
    """Evaluates every `every` steps, before the first and after the last step of a run.

    `loss(vectors)` is the mean loss over the evaluation set, without gradient and without touching the run's
    random numbers. `automatic_stop` is None when it is switched off; `window` is how many evaluations it, or
    the one who reads the table, looks back on.
    """

    every: int
    total_steps: int
    loss: Callable[[Mapping[str, torch.Tensor]], float]
    history: EvaluationHistory
    window: int
    automatic_stop: AutomaticStop | None = None

    def is_due(self, step: int) -> bool:
        """Whether the vectors after `step` updates are to be evaluated, and haven't been."""
        points = self.history.points
        if points and points[-1][0] == step:
            return False
        return not points or step % self.every == 0 or step == self.total_steps

    def evaluate(self, state: TrainingState) -> Evaluated:
        """Evaluate the state's vectors and remember it; raises NonFiniteError for NaN and infinity."""
        loss = self.loss(state.result)
        if not math.isfinite(loss):
            raise NonFiniteError(
                f"Training stopped at step {state.step}: the loss of the evaluation became {loss}. The last"
                " good vectors are kept; lower the learning rate or switch gradient clipping on, and go on"
                " from them."
            )
        is_best = self.history.add(loss, state)
        share = variance_share(self.history.losses, self.window)
        return Evaluated(step=state.step, loss=loss, is_best=is_best, variance_share=share)

    @property
    def reason_to_stop(self) -> str:
        """Why the run stops by itself, to follow on "because "; empty as long as it doesn't."""
        return "" if self.automatic_stop is None else self.automatic_stop.reason(self.history.losses)
