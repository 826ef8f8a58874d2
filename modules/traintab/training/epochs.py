"""Steps counted in epochs."""

from __future__ import annotations

from ..configs import TrainingConfig, check, replace_fields
from ..datasets.batches import BatchOrder
from ..datasets.report import DatasetReport

__all__ = ["order_of", "with_epochs"]

# The setting in epochs, and the setting in steps whose place it takes.
_IN_STEPS = {
    "max_epochs": "steps",
    "save_every_epochs": "save_every",
    "preview_every_epochs": "preview_every",
}


def order_of(config: TrainingConfig, dataset: DatasetReport, *, seed: int = 0) -> BatchOrder:
    """The order in which a run shows its pictures, from its beginning."""
    optimization = config.optimization
    return BatchOrder(
        len(dataset.images),
        optimization.batch_size,
        accumulation=optimization.gradient_accumulation_steps,
        seed=seed,
        repeats=dataset.repeats,
    )


def with_epochs(config: TrainingConfig, steps_per_epoch: int) -> tuple[TrainingConfig, str]:
    """The settings with what is given in epochs turned into steps, and a sentence about it, or nothing.

    Raises ConfigError when that makes more steps than a run may have.
    """
    epochs = {name: getattr(config.epochs, name) for name in _IN_STEPS}
    changed = {_IN_STEPS[name]: count * steps_per_epoch for name, count in epochs.items() if count}
    if not changed:
        return config, ""
    told = [f"An epoch is {_steps(steps_per_epoch)}"]
    if epochs["max_epochs"]:
        told.append(f"{_epochs(epochs['max_epochs'])} end at step {changed['steps']}")
    for name, what in (("save_every_epochs", "a copy"), ("preview_every_epochs", "an image")):
        if epochs[name]:
            told.append(f"{what} every {_epochs(epochs[name])} is every {_steps(changed[_IN_STEPS[name]])}")
    config = replace_fields(config, changed)
    check(config)
    return config, f"{'; '.join(told)}."


def _epochs(number: int) -> str:
    return "1 epoch" if number == 1 else f"{number} epochs"


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"
