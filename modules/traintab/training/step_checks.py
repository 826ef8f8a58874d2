"""The rules of the steps, found or refused before anything is started: rates, bounds, optimizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..configs import OptimizationConfig, TrainingConfig
from ..errors import ConfigError, InputError, NothingToDoError, ScheduleError
from ..schedules.learning_rate import Schedule
from ..schedules.rate_curve import RateCurve
from .curve import curve_of, unused_told
from .optimizers import OptimizerChoice, chosen_optimizer
from .session import GradientClipping

__all__ = ["StepRules", "check_steps"]

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class StepRules:
    """What each step goes by; `notice` is a sentence about settings that do nothing, or empty."""

    curve: RateCurve
    clipping: GradientClipping | None
    optimizer: OptimizerChoice
    notice: str


def check_steps(config: TrainingConfig, name: str, start_step: int, *, is_resumed: bool) -> StepRules:
    """The rules of a training of `name` that goes on from `start_step`.

    Raises InputErrors, several of which are told in one, and NothingToDoError when no step is left to take. A
    resumed run may stand at its very end: killed after its last state, it has yet to save the embedding.
    """
    problems: list[InputError] = []
    max_steps = config.optimization.steps
    curve = _tried(lambda: curve_of(config), problems)
    clipping = _tried(lambda: _clipping(config.optimization), problems)
    optimizer = _tried(lambda: chosen_optimizer(config.optimizer), problems)
    if problems or curve is None or optimizer is None:
        raise _all_in_one(problems)
    is_at_its_end = is_resumed and start_step == min(max_steps, curve.end_step)
    if start_step >= max_steps and not is_at_its_end:
        raise NothingToDoError(
            f"The embedding {name!r} has been trained for {start_step} steps already and"
            f" {_end_told(config)} to train it further."
        )
    if curve.at(start_step) is None and not is_at_its_end:
        raise NothingToDoError(
            f"The learning-rate schedule {config.optimization.learning_rate!r} ends at step"
            f" {curve.end_step}, and {name!r} has been trained for {start_step} steps; add a rate for the"
            " steps that follow."
        )
    return StepRules(curve=curve, clipping=clipping, optimizer=optimizer, notice=unused_told(config.rate))


def _end_told(config: TrainingConfig) -> str:
    """Where the run was to end, and the setting to raise."""
    steps, epochs = config.optimization.steps, config.epochs.max_epochs
    if epochs:
        return f"Max epochs {epochs} end at step {steps}; raise Max epochs"
    return f"Max steps is {steps}; raise Max steps"


def _tried(find: Callable[[], Found], problems: list[InputError]) -> Found | None:
    try:
        return find()
    except InputError as error:
        problems.append(error)
        return None


def _all_in_one(problems: list[InputError]) -> InputError:
    """One error is left as it is, with what it knows of the place; of several the sentences are joined."""
    if len(problems) == 1:
        return problems[0]
    field = next((error.field for error in problems if isinstance(error, ConfigError)), "")
    return ConfigError(" ".join(str(error).split("\n")[0] for error in problems), field=field)


def _clipping(optimization: OptimizationConfig) -> GradientClipping | None:
    if optimization.clip_grad_mode == "disabled":
        return None
    try:
        bounds = Schedule.parse(optimization.clip_grad_value, max_steps=optimization.steps)
    except ScheduleError as error:
        raise ScheduleError(f"Gradient clip value: {error}", position=error.position) from error
    return GradientClipping(mode=optimization.clip_grad_mode, bounds=bounds)
