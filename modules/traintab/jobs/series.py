"""A curve that never grows long."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

__all__ = ["Series", "few_with_lowest"]

_LIMIT = 1000

Point = tuple[int, float]


class Series:
    """(step, value) points of a curve; when there are `limit` (even), neighbours are averaged in pairs.

    Later points are then taken in groups of the same size, so the curve stays evenly spaced.
    """

    def __init__(self, points: Iterable[tuple[int, float]] = (), *, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._points: list[tuple[int, float]] = []
        self._group: list[tuple[int, float]] = []
        self._group_size = 1
        for step, value in points:
            self.add(step, value)

    def add(self, step: int, value: float) -> None:
        """Append a point; steps grow."""
        self._group.append((step, value))
        if len(self._group) >= self._group_size:
            self._points.append(_mean(self._group))
            self._group = []
        if len(self._points) >= self._limit:
            self._halve()

    def _halve(self) -> None:
        pairs = (self._points[index : index + 2] for index in range(0, len(self._points), 2))
        self._points = [_mean(pair) for pair in pairs]
        self._group_size *= 2

    @property
    def points(self) -> tuple[tuple[int, float], ...]:
        """Less than `limit` points in order."""
        return tuple(self._points)


def few_with_lowest(points: Sequence[Point], *, limit: int = _LIMIT) -> tuple[Point, ...]:
    """The points in order; of `limit` or more every second one, the lowest and the last, until they are less.

    A mean of neighbours, as in `Series`, would hide the lowest, and that is what evaluations are made for.
    Less than 6 points are never made fewer.
    """
    kept = tuple(points)
    while len(kept) >= max(limit, 6):
        lowest = min(kept, key=lambda point: (math.isnan(point[1]), point[1]))
        kept = tuple(
            point
            for index, point in enumerate(kept)
            if index % 2 == 0 or point == lowest or index == len(kept) - 1
        )
    return kept


def _mean(group: list[tuple[int, float]]) -> tuple[int, float]:
    """The group's last step with the mean of its values."""
    return group[-1][0], sum(value for _, value in group) / len(group)
