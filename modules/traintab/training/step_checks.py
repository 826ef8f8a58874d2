"""The rules of the steps, found or refused before anything is started: rates, bounds, optimizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..configs import OptimizationConfig, RateConfig, TrainingConfig
from ..configs.rate import AS_WRITTEN
from ..errors import ConfigError, InputError, NothingToDoError, ScheduleError
from ..schedules.learning_rate import Schedule
from ..schedules.rate_curve import RateCurve, warmup_steps
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
    curve = _tried(lambda: _curve(config), problems)
    clipping = _tried(lambda: _clipping(config.optimization), problems)
    optimizer = _tried(lambda: chosen_optimizer(config.optimizer), problems)
    if problems or curve is None or optimizer is None:
        raise _all_in_one(problems)
    is_at_its_end = is_resumed and start_step == min(max_steps, curve.end_step)
    if start_step >= max_steps and not is_at_its_end:
        raise NothingToDoError(
            f"The embedding {name!r} has been trained for {start_step} steps already and Max steps is"
            f" {max_steps}; raise Max steps to train it further."
        )
    if curve.at(start_step) is None and not is_at_its_end:
        raise NothingToDoError(
            f"The learning-rate schedule {config.optimization.learning_rate!r} ends at step"
            f" {curve.end_step}, and {name!r} has been trained for {start_step} steps; add a rate for the"
            " steps that follow."
        )
    return StepRules(curve=curve, clipping=clipping, optimizer=optimizer, notice=_unused(config.rate))


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


def _curve(config: TrainingConfig) -> RateCurve:
    optimization, rate = config.optimization, config.rate
    written = Schedule.parse(optimization.learning_rate, max_steps=optimization.steps)
    if rate.lr_scheduler != AS_WRITTEN and written.single_rate is None:
        raise ConfigError(
            f"Learning rate scheduler is {rate.lr_scheduler}, which wants one rate, and Embedding Learning"
            f" rate is {optimization.learning_rate!r}. Write one rate there, or choose {AS_WRITTEN}.",
            field="lr_scheduler",
        )
    return RateCurve(
        written=written,
        total_steps=optimization.steps,
        shape=rate.lr_scheduler,
        warmup=warmup_steps(rate.lr_warmup, max_steps=optimization.steps),
        cycles=rate.lr_cycles,
        power=rate.lr_power,
    )


def _clipping(optimization: OptimizationConfig) -> GradientClipping | None:
    if optimization.clip_grad_mode == "disabled":
        return None
    try:
        bounds = Schedule.parse(optimization.clip_grad_value, max_steps=optimization.steps)
    except ScheduleError as error:
        raise ScheduleError(f"Gradient clip value: {error}", position=error.position) from error
    return GradientClipping(mode=optimization.clip_grad_mode, bounds=bounds)


def _unused(rate: RateConfig) -> str:
    """What was set for another scheduler, so that nobody thinks it did something."""
    unused = []
    if rate.lr_cycles != 1 and rate.lr_scheduler != "cosine with restarts":
        unused.append("Cycles is for cosine with restarts")
    if rate.lr_power != 1 and rate.lr_scheduler != "polynomial":
        unused.append("Power is for polynomial")
    if not unused:
        return ""
    return f"{', and '.join(unused)}: with Learning rate scheduler {rate.lr_scheduler} it changes nothing."
