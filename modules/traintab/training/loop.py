"""The training loop."""

from __future__ import annotations

from collections.abc import Callable, Generator

from .events import StepCompleted
from .session import Session
from .state import TrainingState
from .step import take_step

__all__ = ["train"]


def train(
    session: Session, state: TrainingState, *, should_stop: Callable[[], bool]
) -> Generator[StepCompleted, None, bool]:
    """Take steps until `session.total_steps` are completed or the learning-rate schedule runs out.

    Yields an event after each step, when `state` is whole; returns True when all is done, False when
    `should_stop`, asked once before each step, said so. Raises what a step raises: NonFiniteError, and
    the device's own errors.
    """
    while state.step < session.total_steps:
        learning_rate = session.learning_rate.at(state.step)
        if learning_rate is None:
            break
        if should_stop():
            return False
        loss, prompt = take_step(session, state, learning_rate)
        yield StepCompleted(
            step=state.step,
            epoch=(state.step - 1) // state.order.steps_per_epoch + 1,
            loss=loss,
            learning_rate=learning_rate,
            prompt=prompt,
        )
    state.check_finite()
    return True
