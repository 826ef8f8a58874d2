"""One optimizer update."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from ..errors import NonFiniteError
from .loss_scaler import LossScaler
from .session import GradientClipping, Session
from .state import TrainingState

__all__ = ["take_step"]


@torch.enable_grad()
def take_step(session: Session, state: TrainingState, learning_rate: float) -> tuple[float | None, str]:
    """Update the vectors once; returns the step's loss (None when it wasn't read back) and a prompt of it.

    The step's batches are accumulated, then clipped, then the optimizer moves the vectors at
    `learning_rate`. With a loss scaler a gradient beyond float16's range is computed again, with new noise
    and at a lower scale, until one is finite. Raises NonFiniteError before the update when the loss or the
    gradient is NaN or infinite.
    """
    batches = state.order.next_step()
    is_read = session.reads_loss_at(state.step + 1)
    scaler = session.loss_scaler
    if scaler is None:
        loss, prompt = _differentiated(session, state, batches)
        value = _checked_loss(_numbers(loss, state), state, session) if is_read else None
    else:
        value, prompt = _differentiated_in_range(session, scaler, state, batches)
        scaler.count_update()
    _clip(state, session.clipping)
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate
    state.optimizer.step()
    if session.norm_control is not None:
        session.norm_control.apply(state.vectors)
    if state.average is not None:
        state.average.update(state.vectors)
    state.step += 1
    if is_read:
        state.remember()
    return value, prompt


def _differentiated(
    session: Session, state: TrainingState, batches: Sequence[Sequence[int]]
) -> tuple[torch.Tensor, str]:
    """The mean loss `[]` of the batches, left on the device, and a prompt; the vectors have its gradient."""
    state.optimizer.zero_grad()
    scale = 1.0 if session.loss_scaler is None else session.loss_scaler.scale
    losses, prompt = [], ""
    for pictures in batches:
        loss, prompt = session.batch_loss(pictures, state)
        torch.autograd.backward(loss * (scale / len(batches)))
        losses.append(loss.detach())
    if session.loss_scaler is not None:
        # Clipping and the optimizer shall see the true gradient, whatever the model's precision needed.
        session.loss_scaler.unscale(_gradients(state))
    mean = torch.stack(losses).mean()
    session.processes.average([mean, *_gradients(state)])
    return mean, prompt


def _differentiated_in_range(
    session: Session, scaler: LossScaler, state: TrainingState, batches: Sequence[Sequence[int]]
) -> tuple[float, str]:
    """As `_differentiated`, tried until the gradient is finite; the loss is read back each time."""
    while True:
        loss, prompt = _differentiated(session, state, batches)
        numbers = _numbers(loss, state)
        is_overflow = math.isfinite(numbers[0]) and not all(map(math.isfinite, numbers))
        if scaler.is_lowest or not is_overflow:
            return _checked_loss(numbers, state, session), prompt
        scaler.skip()


def _gradients(state: TrainingState) -> list[torch.Tensor]:
    return [tensor.grad for tensor in state.vectors.values() if tensor.grad is not None]


def _numbers(loss: torch.Tensor, state: TrainingState) -> list[float]:
    """The loss and the largest value of each gradient, in one read-back."""
    largest = [gradient.abs().max() for gradient in _gradients(state)]
    numbers: list[float] = torch.stack([loss.float(), *largest]).tolist()
    return numbers


def _checked_loss(numbers: Sequence[float], state: TrainingState, session: Session) -> float:
    """The loss, refused when it or a gradient isn't finite."""
    value = numbers[0]
    if not all(map(math.isfinite, numbers)):
        what = f"the loss became {value}" if not math.isfinite(value) else "the gradient became infinite"
        rate = session.learning_rate.at(state.step)
        was = "" if rate is None else f" (it was {rate:g})"
        or_precision = (
            "" if session.loss_scaler is None else ", or choose Precision bf16 or fp32 for a new run"
        )
        raise NonFiniteError(
            f"Training stopped at step {state.step + 1}: {what}. The last good vectors are kept; lower the"
            f" learning rate{was} or switch gradient clipping on, and go on from them{or_precision}."
        )
    return value


def _clip(state: TrainingState, clipping: GradientClipping | None) -> None:
    if clipping is None:
        return
    bound = clipping.bound_at(state.step)
    vectors = list(state.vectors.values())
    if clipping.mode == "value":
        torch.nn.utils.clip_grad_value_(vectors, bound)
    else:
        torch.nn.utils.clip_grad_norm_(vectors, bound)
