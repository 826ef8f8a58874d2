"""What becomes of a batch that is larger than the data set."""

from __future__ import annotations

from collections.abc import Iterator

from ..datasets.batches import BatchOrder
from .plan import TrainingPlan
from .processes import here

__all__ = ["clamped_told"]


def clamped_told(plan: TrainingPlan, order: BatchOrder) -> Iterator[str]:
    """A sentence for each number that the pictures don't suffice for, with what it is instead."""
    optimization = plan.config.optimization
    wanted = optimization.batch_size * here().count
    if order.batch_size < wanted:
        yield (
            f"Batch size is {order.batch_size} instead of {wanted}: there are no"
            f" more pictures{' of one size' if len(set(plan.sizes)) > 1 else ''}."
        )
    if order.accumulation < optimization.gradient_accumulation_steps:
        yield (
            f"Gradient accumulation is {order.accumulation} instead of"
            f" {optimization.gradient_accumulation_steps}: there are no more batches in an epoch."
        )
