"""The curves of two runs in one picture, as an SVG made on the server."""

from __future__ import annotations

import html
from collections.abc import Sequence

from ...jobs.series import Series, few_with_lowest
from ..loss_plot import smoothed

__all__ = ["comparison_plot"]

Points = Sequence[tuple[int, float]]

_WIDTH, _HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 26
_KINDS = ("one", "other")


def comparison_plot(curves: Sequence[tuple[str, Points]], told: str, *, smooth: bool) -> str:
    """An `<svg>` of two (name, points) curves on the same axes; nothing where neither has two points.

    `told` says what they are, for those who can't see them. The axis ends at the 98th percentile of both, so
    that one wild step doesn't flatten the rest.
    """
    drawn = [_smooth(points) if smooth else few_with_lowest(points) for _, points in curves]
    everything = [point for points in drawn for point in points]
    if max((len(points) for points in drawn), default=0) < 2:
        return ""
    values = sorted(value for _, value in everything)
    bottom, top = values[0], values[int(0.98 * (len(values) - 1))]
    margin = 0.06 * (top - bottom) or 0.05 * abs(top) or 0.05
    box = (
        min(step for step, _ in everything),
        max(step for step, _ in everything),
        bottom - margin,
        top + margin,
    )
    ends = [
        f"{name} ends at {points[-1][1]:.4f}"
        for (name, _), points in zip(curves, drawn, strict=True)
        if points
    ]
    label = html.escape(f"{told}: {', '.join(ends)}", quote=True)
    lines = "".join(
        f'<polyline class="traintab-compared-{kind}" points="{_path(points, box)}"/>'
        for kind, points in zip(_KINDS, drawn, strict=True)
    )
    return (
        f'<svg class="traintab-plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{_axes(box)}{lines}</svg>"
    )


def _smooth(points: Points) -> Points:
    """Smoothed; of a very long curve neighbours are drawn as one."""
    return Series(smoothed(points)).points if len(points) > 1 else points


Box = tuple[int, int, float, float]


def _path(points: Points, box: Box) -> str:
    return " ".join(f"{_x(step, box):.1f},{_y(value, box):.1f}" for step, value in points)


def _x(step: float, box: Box) -> float:
    return _LEFT + (step - box[0]) / max(box[1] - box[0], 1) * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, box: Box) -> float:
    share = min(max((value - box[2]) / (box[3] - box[2]), 0.0), 1.0)
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _axes(box: Box) -> str:
    """Lines and ticks at the ends and in the middle of both axes."""
    parts = []
    for share in (0.0, 0.5, 1.0):
        value = box[2] + share * (box[3] - box[2])
        y = _y(value, box)
        parts.append(
            f'<line class="traintab-grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(_tick(_LEFT - 6, y + 4, "end", f"{value:.3g}"))
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        step = box[0] + share * max(box[1] - box[0], 1)
        parts.append(_tick(_x(step, box), _HEIGHT - 8, anchor, f"{step:,.0f}"))
    return "".join(parts)


def _tick(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text class="traintab-tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
