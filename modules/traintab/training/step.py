"""One optimizer update."""

from __future__ import annotations

import math

import torch

from ..errors import NonFiniteError
from .session import GradientClipping, Session
from .state import TrainingState

__all__ = ["take_step"]


@torch.enable_grad()
def take_step(session: Session, state: TrainingState, learning_rate: float) -> tuple[float | None, str]:
    """Update the vectors once; returns the step's loss (None when it wasn't read back) and a prompt of it.

    The step's batches are accumulated, then clipped, then AdamW moves the vectors at `learning_rate`.
    Raises NonFiniteError before the update when the loss or the gradient is NaN or infinite.
    """
    state.optimizer.zero_grad()
    batches = state.order.next_step()
    losses, prompt = [], ""
    for pictures in batches:
        loss, prompt = session.batch_loss(pictures, state)
        torch.autograd.backward(loss * (session.loss_scale / len(batches)))
        losses.append(loss.detach())
    _unscale(state, session.loss_scale)
    is_read = session.reads_loss_at(state.step + 1)
    value = _checked_loss(torch.stack(losses).mean(), state, learning_rate) if is_read else None
    _clip(state, session.clipping)
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate
    state.optimizer.step()
    if session.norm_control is not None:
        session.norm_control.apply(state.vectors)
    state.step += 1
    if is_read:
        state.remember()
    return value, prompt


def _unscale(state: TrainingState, loss_scale: float) -> None:
    """Clipping and AdamW shall see the true gradient, whatever the model's precision needed."""
    if loss_scale != 1.0:
        for tensor in state.vectors.values():
            if tensor.grad is not None:
                tensor.grad.div_(loss_scale)


def _checked_loss(loss: torch.Tensor, state: TrainingState, learning_rate: float) -> float:
    """Loss and gradient in one read-back, refused when either isn't finite."""
    gradients = [tensor.grad.abs().max() for tensor in state.vectors.values() if tensor.grad is not None]
    value, *largest = torch.stack([loss.float(), *gradients]).tolist()
    if not all(math.isfinite(number) for number in (value, *largest)):
        what = f"the loss became {value}" if not math.isfinite(value) else "the gradient became infinite"
        raise NonFiniteError(
            f"Training stopped at step {state.step + 1}: {what}. The last good vectors are kept; lower the"
            f" learning rate (it was {learning_rate:g}) or switch gradient clipping on, and go on from them."
        )
    return float(value)


def _clip(state: TrainingState, clipping: GradientClipping | None) -> None:
    if clipping is None:
        return
    bound = clipping.bound_at(state.step)
    vectors = list(state.vectors.values())
    if clipping.mode == "value":
        torch.nn.utils.clip_grad_value_(vectors, bound)
    else:
        torch.nn.utils.clip_grad_norm_(vectors, bound)
