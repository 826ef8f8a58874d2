"""Steps counted in epochs."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence

from ..configs import TrainingConfig, check, replace_fields
from ..configs.epochs import IN_STEPS
from ..datasets.batches import BatchOrder
from ..datasets.report import DatasetReport
from ..datasets.sized_latents import groups_of
from ..errors import ConfigError, DatasetError
from .events import TrainingNotice
from .picture_sizes import sized
from .plan import TrainingPlan
from .processes import here
from .step_checks import check_steps

__all__ = ["fitted_epochs", "order_of", "steps_per_epoch", "with_epochs"]

_MOST_SHOWN = 1_000_000


def order_of(
    config: TrainingConfig, dataset: DatasetReport, *, sizes: Sequence[tuple[int, int]] = (), seed: int = 0
) -> BatchOrder:
    """The order in which a run shows its pictures, from its beginning. `sizes` are those of the pictures,
    once they are known: a batch has pictures of one size. Several processes share batches so much larger.

    Raises DatasetError for more showings than an order can be made of.
    """
    optimization, repeats = config.optimization, dataset.repeats
    if sum(repeats) > max(_MOST_SHOWN, len(repeats)):
        raise DatasetError(
            f"An epoch would show pictures {sum(repeats):,} times, with repeats of up to {max(repeats):,}; at"
            f" most {_MOST_SHOWN:,} are possible. Lower the numbers in folder names, num_repeats or weights:"
            " only their proportion matters."
        )
    return BatchOrder(
        len(dataset.images),
        optimization.batch_size * here().count,
        accumulation=optimization.gradient_accumulation_steps,
        seed=seed,
        repeats=repeats,
        groups=groups_of(sizes),
    )


def steps_per_epoch(config: TrainingConfig, dataset: DatasetReport) -> int:
    """As far as it is known without a model: with an open width or height all pictures share batches."""
    width, height = config.dataset.width, config.dataset.height
    if not width or not height:
        return order_of(config, dataset).steps_per_epoch
    pictures, sizes = sized(config, dataset, (width, height))
    return order_of(config, pictures, sizes=sizes).steps_per_epoch


def with_epochs(config: TrainingConfig, steps_per_epoch: int) -> tuple[TrainingConfig, str]:
    """The settings with what is given in epochs turned into steps, and a sentence about it, or nothing.

    Raises ConfigError when that makes more steps than a run may have.
    """
    epochs = {name: getattr(config.epochs, name) for name in IN_STEPS}
    changed = {IN_STEPS[name]: count * steps_per_epoch for name, count in epochs.items() if count}
    if not changed:
        return config, ""
    told = [f"An epoch is {_steps(steps_per_epoch)}"]
    if epochs["max_epochs"]:
        ends = "ends" if epochs["max_epochs"] == 1 else "end"
        told.append(f"{_epochs(epochs['max_epochs'])} {ends} at step {changed['steps']}")
    for name, what in (("save_every_epochs", "a copy"), ("preview_every_epochs", "an image")):
        if epochs[name]:
            told.append(f"{what} every {_epochs(epochs[name])} is every {_steps(changed[IN_STEPS[name]])}")
    config = replace_fields(config, changed)
    try:
        check(config)
    except ConfigError as error:
        field = next(name for name in IN_STEPS if epochs[name])
        raise ConfigError(f"With epochs of {_steps(steps_per_epoch)}: {error}", field=field) from error
    return config, f"{'; '.join(told)}."


def fitted_epochs(plan: TrainingPlan, order: BatchOrder) -> Generator[TrainingNotice, None, TrainingPlan]:
    """The plan with epochs counted anew, now that the model's own size has told which pictures share batches.

    Raises NothingToDoError when no step is left then.
    """
    config, told = with_epochs(plan.config, order.steps_per_epoch)
    if config == plan.config:
        return plan
    yield TrainingNotice(message=f"Counted with the pictures' sizes: {told[:1].lower()}{told[1:]}")
    steps = check_steps(config, plan.rules.name, plan.start_step, is_resumed=plan.resumed is not None)
    return dataclasses.replace(plan, config=config, schedule=steps.curve, clipping=steps.clipping)


def _epochs(number: int) -> str:
    return "1 epoch" if number == 1 else f"{number} epochs"


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"
