"""How much a weight that is written in a prompt may be."""

from __future__ import annotations

__all__ = ["HEAVIEST", "limited_weight"]

# Far beyond what shows anything, and a text encoder's states times this are still numbers in float16.
HEAVIEST = 100.0


def limited_weight(weight: float) -> float:
    """`weight`, which may be infinite, but not more than 100 and not less than -100.

    A1111 has no limit: there a number of many digits gives a black picture.
    """
    return min(max(weight, -HEAVIEST), HEAVIEST)
