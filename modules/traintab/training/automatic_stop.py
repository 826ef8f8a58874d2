"""When nothing more is learned: DVAR, the rule of arXiv 2302.04841.

The loss of one step says nothing about progress: pictures, noise and timesteps change it more than the
vectors do. On a fixed evaluation set it moves with the vectors alone: it falls while they learn, and later
only wavers about where it has come to. Voronov et al. stop when the variance of the newest evaluations has
become a small share of the variance of all (for textual inversion 310 evaluations, one a step, and 0.15).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["AutomaticStop", "variance_share"]


def variance_share(losses: Sequence[float], window: int) -> float | None:
    """The variance of the newest `window` losses divided by that of all; None until there are more of them.

    0 when all losses are the same: then nothing is learned at all. May be greater than 1.
    """
    if len(losses) <= window:
        return None
    of_all = _variance(losses)
    return _variance(losses[-window:]) / of_all if of_all > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class AutomaticStop:
    """Stops when the newest `window` evaluations have come to rest: their share is below `threshold`."""

    window: int
    threshold: float

    def reason(self, losses: Sequence[float]) -> str:
        """Why to stop after these evaluations, in their order, to follow on "because "; else empty."""
        share = variance_share(losses, self.window)
        if share is None or share >= self.threshold:
            return ""
        return (
            f"nothing more is learned: the newest {self.window} evaluations vary only {_percent(share)}"
            f" as much as all {len(losses)}, less than the {_percent(self.threshold)} asked for"
        )


def _variance(values: Sequence[float]) -> float:
    """The population variance; summed exactly, so that it is the same on every machine."""
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
