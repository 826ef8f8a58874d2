"""How the learning rate changes while training."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["AS_WRITTEN", "LR_SCHEDULERS", "RateConfig"]

AS_WRITTEN = "as written"
LR_SCHEDULERS = (AS_WRITTEN, "constant", "linear", "cosine", "cosine with restarts", "polynomial")


@dataclass(frozen=True, kw_only=True)
class RateConfig:
    """The curve that the learning rate follows; steps are the embedding's own, counted from its first."""

    lr_scheduler: str = option(
        AS_WRITTEN,
        "Learning rate scheduler",
        "as written: the text in Embedding Learning rate, with its steps. The others want one rate there and"
        " fall from it to 0 at Max steps; cosine is gentle at both ends.",
        choices=LR_SCHEDULERS,
        elem_id="train_lr_scheduler",
    )
    lr_warmup: str = option(
        "0",
        "Warmup",
        "Steps in which the rate rises from 0, or a share such as 10%: 5 to 10% is usual. Too long learns"
        " nothing meanwhile. 0: none.",
        elem_id="train_lr_warmup",
    )
    lr_cycles: int = option(
        1,
        "Cycles",
        "For cosine with restarts: how often the rate falls from its full height; 1 to 4 is usual.",
        minimum=1,
        maximum=1000,
        step=1,
        elem_id="train_lr_cycles",
    )
    lr_power: float = option(
        1.0,
        "Power",
        "For polynomial: 1 falls in a straight line, 2 early, 0.5 late.",
        minimum=0.01,
        maximum=1000.0,
        elem_id="train_lr_power",
    )
    scale_lr: bool = option(
        False,
        "Scale the learning rate",
        "Multiplies it by batch size, accumulation steps and processes, as diffusers' script does. AdamW"
        " rarely needs it, and large batches then break down.",
        elem_id="train_scale_lr",
    )
