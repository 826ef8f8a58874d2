"""How a run is judged while it trains: always by the same pictures, noise and timesteps."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["EvaluationConfig"]


@dataclass(frozen=True, kw_only=True)
class EvaluationConfig:
    """When to evaluate, on how much, and whether to stop when nothing more is learned.

    The rule of stopping is DVAR (arXiv 2302.04841): the variance of the newest evaluations, divided by that
    of all, falls below a threshold.
    """

    evaluate_every: int = option(
        25,
        "Evaluate every N steps, 0 to disable",
        "Measures the loss on the same noisy pictures each time: a curve to trust, and the best step.",
        unit="steps",
        minimum=0,
        maximum=10_000_000,
        step=1,
        elem_id="train_evaluate_every",
    )
    evaluation_samples: int = option(
        8,
        "Noisy pictures in an evaluation",
        "More make finer differences visible and take longer; each costs a third of a picture's step.",
        minimum=1,
        maximum=1024,
        step=1,
        elem_id="train_evaluation_samples",
    )
    automatic_stop: bool = option(
        False,
        "Stop automatically when nothing more is learned",
        "Ends the run before Max steps, once the newest evaluations hardly differ any more.",
        elem_id="train_automatic_stop",
    )
    automatic_stop_window: int = option(
        12,
        "Evaluations to look back on",
        "How many of the newest evaluations must have come to rest; more stop later and more surely.",
        unit="evaluations",
        minimum=3,
        maximum=1000,
        step=1,
        elem_id="train_automatic_stop_window",
    )
    automatic_stop_threshold: float = option(
        0.15,
        "Share of the variance at which to stop",
        "The variance of the newest evaluations against that of all; less stops later.",
        minimum=0.001,
        maximum=1.0,
        step=0.01,
        elem_id="train_automatic_stop_threshold",
    )
