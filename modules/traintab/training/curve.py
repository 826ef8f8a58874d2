"""The learning rate's curve that the settings ask for."""

from __future__ import annotations

from ..configs import RateConfig, TrainingConfig
from ..configs.rate import AS_WRITTEN
from ..errors import ConfigError
from ..schedules.learning_rate import Schedule
from ..schedules.rate_curve import RateCurve, warmup_steps

__all__ = ["curve_of", "unused_told"]


def curve_of(config: TrainingConfig) -> RateCurve:
    """The rate at every step, before it is scaled; raises ScheduleError and ConfigError."""
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


def unused_told(rate: RateConfig) -> str:
    """What was set for another scheduler, so that nobody thinks it did something; empty when nothing was."""
    unused = []
    if rate.lr_cycles != 1 and rate.lr_scheduler != "cosine with restarts":
        unused.append("Cycles is for cosine with restarts")
    if rate.lr_power != 1 and rate.lr_scheduler != "polynomial":
        unused.append("Power is for polynomial")
    if not unused:
        return ""
    return f"{', and '.join(unused)}: with Learning rate scheduler {rate.lr_scheduler} it changes nothing."
