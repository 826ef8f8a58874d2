"""Choose the training size that suits a picture best, and cut it to that."""

from __future__ import annotations

from ..configs import AutoSizeConfig
from .crop import Cut, centre_cut

__all__ = ["auto_size_cut", "best_size"]


def best_size(image_size: tuple[int, int], limits: AutoSizeConfig) -> tuple[int, int] | None:
    """The best (width, height) for a picture of `image_size` pixels, or None when no size is allowed.

    Sides go from the lower to the upper limit in steps of 64. `Maximize area` takes the largest, of equal
    ones the closest in shape; `Minimize error` takes the closest in shape, of equal ones the largest.
    The error of two shapes is 1 - min(a/b, b/a) of their width-to-height ratios: 0 means equal.
    """
    aspect = image_size[0] / image_size[1]
    candidates: list[tuple[tuple[float, float], tuple[int, int]]] = []
    for width, height in limits.sizes():
        error = 1 - min(aspect / (width / height), (width / height) / aspect)
        if error <= limits.auto_size_threshold:
            area = float(width * height)
            rank = (area, -error) if limits.auto_size_objective == "Maximize area" else (-error, area)
            candidates.append((rank, (width, height)))
    # Of equals the first, the narrowest, as in the web UI.
    return max(candidates, key=lambda candidate: candidate[0])[1] if candidates else None


def auto_size_cut(image_size: tuple[int, int], limits: AutoSizeConfig) -> Cut | None:
    """The middle of a picture at its best size, or None when no size is allowed."""
    size = best_size(image_size, limits)
    return None if size is None else centre_cut(image_size, *size)
