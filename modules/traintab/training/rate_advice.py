"""Whether the learning rate can do anything, said in the size of the model's own words."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Generator
from typing import Protocol

from ..datasets.batches import BatchOrder
from ..models.model import Model
from .events import TrainingNotice
from .optimizers import OptimizerChoice
from .plan import TrainingPlan

__all__ = ["fitted_rate", "rate_advice", "usual_coordinate"]

# A vector that can't go twice as far as words are from zero hardly leaves the word it began as.
_LEAST_REACH = 2.0
_SMALL_STEP = 0.02
# Guides begin with 0.05 and more for some steps, which is four times a word's size in CLIP L.
_LARGEST_STEP = 5.0
_LOOKS = 1000
_PRODIGY = (0.1, 10.0)


class Rates(Protocol):
    """A learning rate at every step."""

    @property
    def end_step(self) -> int:
        """Completed steps at which it ends."""

    def at(self, completed_steps: int) -> float | None:
        """The rate for the step that follows."""


def usual_coordinate(model: Model) -> float | None:
    """How large the numbers in the vectors of the model's words are: the root of their mean square.

    Of several text encoders that with the smallest. None for a model that is just let go: the page looks
    at it from beside the job that does so.
    """
    sizes = []
    for encoder in model.text_encoders:
        table = encoder.embedding_layer.weight.detach()
        if table.is_meta:
            return None
        sizes.append(float(table.float().norm(dim=1).median()) / math.sqrt(table.shape[1]))
    return min(sizes)


def fitted_rate(
    plan: TrainingPlan, model: Model, order: BatchOrder
) -> Generator[TrainingNotice, None, TrainingPlan]:
    """The plan with its rate scaled to the pictures of a step, where that is wanted; told, and advised on.

    The batch of `order` is that of all processes together, as in diffusers' script.
    """
    if plan.config.rate.scale_lr:
        factor = order.batch_size * order.accumulation
        plan = dataclasses.replace(plan, schedule=dataclasses.replace(plan.schedule, factor=float(factor)))
        yield TrainingNotice(
            message=f"The learning rate is multiplied by {factor}, the pictures of a step (Scale the learning"
            " rate)."
        )
    word = usual_coordinate(model)
    advice = "" if word is None else rate_advice(plan.schedule, plan.optimizer, word, plan.start_step)
    if advice:
        yield TrainingNotice(message=advice)
    return plan


def rate_advice(rates: Rates, optimizer: OptimizerChoice, word: float, start_step: int) -> str:
    """A sentence when the rate is far outside the useful range, else empty.

    The optimizers here move a number of a vector by about the rate in a step, and by no more than that in
    the long run; `word` is the usual size of such numbers in the model's words (`usual_coordinate`).
    """
    steps = range(start_step, rates.end_step)
    if not steps or word <= 0:
        return ""
    stride = max(1, len(steps) // _LOOKS)
    seen = [rate for step in steps[::stride] if (rate := rates.at(step)) is not None]
    highest, reach = max(seen), sum(seen) * len(steps) / len(seen)
    if optimizer.name == "Prodigy":
        return _prodigy_advice(highest)
    if optimizer.settings.get("scale_parameter"):
        return ""  # the rate is then a share of the vectors' own size
    if highest > _LARGEST_STEP * word:
        return (
            f"The learning rate {highest:g} is high: one step moves a number of the vectors by up to"
            f" {highest:.2g}, and in the model's words these are about {word:.2g}. If the training breaks"
            " down or draws nothing like your pictures, take less; 0.005 is usual."
        )
    if highest < _SMALL_STEP * word and reach < _LEAST_REACH * word:
        return (
            f"The learning rate {highest:g} is low: it moves a number of the vectors by at most {reach:.2g}"
            f" in {len(steps):,} steps, and in the model's words these are about {word:.2g}. Hardly anything"
            " is learned so; 0.005 is usual."
        )
    return ""


def _prodigy_advice(highest: float) -> str:
    low, high = _PRODIGY
    if low <= highest <= high:
        return ""
    return (
        f"Prodigy finds the learning rate itself and multiplies it by yours, which is {highest:g}; set"
        " Embedding Learning rate to 1."
    )
