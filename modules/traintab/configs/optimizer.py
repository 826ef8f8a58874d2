"""Which optimizer moves the vectors."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["OPTIMIZERS", "OptimizerConfig"]

OPTIMIZERS = ("AdamW", "AdamW8bit", "Prodigy", "Lion", "Adafactor")


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """The optimizer and its own settings."""

    optimizer: str = option(
        "AdamW",
        "Optimizer",
        "AdamW is what guides mean. Prodigy finds its rate itself: learning rate 1. Lion takes AdamW's rate"
        " or less; Adafactor and AdamW8bit save memory that an embedding hardly takes.",
        choices=OPTIMIZERS,
        elem_id="train_optimizer",
    )
    weight_decay: float = option(
        0.0,
        "Weight decay",
        "Draws the vectors towards zero at each step, by this times the learning rate. 0 is usual; 0.01 to"
        " 0.1 keeps them short, more forgets.",
        minimum=0.0,
        maximum=1000.0,
        elem_id="train_weight_decay",
    )
    optimizer_betas: str = option(
        "",
        "Optimizer betas",
        "How long it remembers: two numbers below 1, such as 0.9, 0.999. Higher is calmer and slower to"
        " turn. Empty: the optimizer's own.",
        elem_id="train_optimizer_betas",
    )
    optimizer_eps: float | None = option(
        None,
        "Optimizer epsilon",
        "Keeps tiny gradients from becoming full steps: 1e-8 is usual, 1e-6 is calmer. Empty: the optimizer's"
        " own.",
        minimum=1e-30,
        maximum=1.0,
        elem_id="train_optimizer_eps",
    )
    optimizer_arguments: str = option(
        "",
        "Optimizer arguments",
        "More of its settings by their names, with blanks between, such as d_coef=2 use_bias_correction=True"
        " for Prodigy. Unknown names are refused.",
        elem_id="train_optimizer_arguments",
    )
