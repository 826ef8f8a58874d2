"""The training loop."""

from __future__ import annotations

from collections.abc import Callable, Generator

from .events import Evaluated, StepCompleted, TrainingNotice
from .loss_scaler import LossScaler
from .session import Session
from .state import TrainingState
from .step import take_step

__all__ = ["train"]


def train(
    session: Session, state: TrainingState, *, should_stop: Callable[[], bool]
) -> Generator[StepCompleted | Evaluated | TrainingNotice, None, bool]:
    """Take steps until `session.total_steps` are completed, the learning-rate schedule runs out, or the
    evaluations have come to rest.

    Yields an event after each step and each evaluation, when `state` is whole; returns True when all is done,
    False when `should_stop`, asked once before each step, said so. Raises what a step raises: NonFiniteError,
    and the device's own errors.
    """
    evaluator, scaler, processes = session.evaluator, session.loss_scaler, session.processes
    while True:
        if evaluator is not None and evaluator.is_due(state.step):
            yield evaluator.evaluate(state)
        is_at_rest = evaluator is not None and bool(evaluator.reason_to_stop)
        if state.step >= session.total_steps or processes.any(is_at_rest):
            break
        learning_rate = session.learning_rate.at(state.step)
        if learning_rate is None:
            break
        if processes.any(should_stop()):
            return False
        skipped = scaler.skipped if scaler else 0
        loss, prompt = take_step(session, state, learning_rate)
        if scaler is not None and scaler.skipped > skipped:
            session.notices.append(_told(scaler, state.step, scaler.skipped - skipped))
        yield StepCompleted(
            step=state.step,
            epoch=(state.step - 1) // state.order.steps_per_epoch + 1,
            loss=loss,
            learning_rate=state.effective_rate(learning_rate),
            prompt=prompt,
            skipped_updates=scaler.skipped if scaler else 0,
        )
        while session.notices:
            yield TrainingNotice(message=session.notices.popleft())
    state.check_finite()
    return True


def _told(scaler: LossScaler, step: int, tries: int) -> str:
    again = "once" if tries == 1 else f"{tries} times"
    return (
        f"Step {step} was tried again {again}, because its gradient was beyond float16's range; the loss"
        f" scale is {scaler.scale:g} now. Updates skipped so far: {scaler.skipped}."
    )
