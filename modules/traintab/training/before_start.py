"""What can be told of a training before it starts: its pictures, its epochs, its time and memory, and advice.

Nothing is trained, and of the model no more is read than its facts.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from ..configs import TrainingConfig
from ..models.discovery import Checkpoint, resolve
from ..models.facts import default_size_of, widths_of
from ..models.model import Model
from ..paths import Paths
from .batch_advice import clamped_told
from .checks import check_before_loading, check_widths
from .epochs import fitted_epochs, order_of
from .events import TrainingNotice
from .looking import Looking
from .picture_sizes import sized_by
from .plan import TrainingPlan
from .preview_prompts import preview_lines
from .rate_advice import fitted_rate
from .start_advice import start_advice

__all__ = ["BeforeStart", "look_before_start"]

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class BeforeStart:
    """A training as it would begin now.

    `report` tells of the data set, `advice` what else there is to know, each a sentence. Training goes from
    `start_step` to `total_steps`; an epoch has `steps_per_epoch`. `default_size` is the model's in pixels. A
    batch holds `batch_size` pictures and a step `accumulation` batches, no more than there are pictures for.
    `previews` pictures are drawn on the way, and `evaluations` made.
    """

    config: TrainingConfig
    default_size: int
    pictures: int
    report: str
    advice: tuple[str, ...]
    start_step: int
    total_steps: int
    steps_per_epoch: int
    batch_size: int
    accumulation: int
    previews: int
    evaluations: int

    @property
    def steps(self) -> int:
        """Steps that are left to take."""
        return max(self.total_steps - self.start_step, 0)

    @property
    def epochs(self) -> float:
        """How often all pictures are gone through in these steps."""
        return self.steps / max(self.steps_per_epoch, 1)


def look_before_start(
    config: TrainingConfig, paths: Paths, *, model: Model | None = None, looking: Looking | None = None
) -> BeforeStart:
    """Check a training as pressing the button would, and tell what it will be.

    `model` is the one of `config` where it is loaded: then the learning rate is judged too. Raises an
    InputError for whatever the training would be refused for.
    """
    plan = check_before_loading(config, paths, looking=looking)
    report = plan.dataset.summary()
    pictures, default_size = len({image.path for image in plan.dataset.images}), 512
    told = [sentence for sentence in plan.notices if sentence != report]
    checkpoint = resolve(plan.config.model, paths)
    if checkpoint.path is not None:
        default_size = _checked_size(plan, checkpoint)
        dataset = plan.config.dataset
        plan = sized_by(plan, dataset.width or default_size, dataset.height or default_size)
    order = order_of(plan.config, plan.dataset, sizes=plan.sizes)
    told += clamped_told(plan, order)
    plan = _told_by(fitted_epochs(plan, order), told)
    told += start_advice(plan, order)
    if model is not None:
        plan = _told_by(fitted_rate(plan, model, order), told)
    return BeforeStart(
        config=plan.config,
        default_size=default_size,
        pictures=pictures,
        report=report,
        advice=tuple(dict.fromkeys(told)),
        start_step=plan.start_step,
        total_steps=plan.total_steps,
        steps_per_epoch=order.steps_per_epoch,
        batch_size=order.batch_size,
        accumulation=order.accumulation,
        previews=_previews(plan),
        evaluations=_often(plan, plan.config.evaluation.evaluate_every),
    )


def _checked_size(plan: TrainingPlan, checkpoint: Checkpoint) -> int:
    """The model's own size; raises EmbeddingFileError when the vectors are for another kind of model."""
    check_widths(plan, checkpoint.name, widths_of(checkpoint))
    return default_size_of(checkpoint)


def _told_by(steps: Generator[TrainingNotice, None, Found], told: list[str]) -> Found:
    """What a generator of notices returns; the notices go to `told`."""
    while True:
        try:
            told.append(next(steps).message)
        except StopIteration as end:
            found: Found = end.value
            return found


def _previews(plan: TrainingPlan) -> int:
    preview = plan.config.preview
    return _often(plan, preview.preview_every) * max(len(preview_lines(preview)), 1)


def _often(plan: TrainingPlan, every: int) -> int:
    """How many multiples of `every` lie between the first step and the last."""
    return plan.total_steps // every - plan.start_step // every if every else 0
