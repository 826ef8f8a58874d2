"""The loss curves as an SVG, drawn on the server so that every gradio version can show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["loss_plot", "smoothed"]

_WIDTH, _HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 26
_SECOND_AXIS = 46
_LEGEND = 20

Points = Sequence[tuple[int, float]]


def smoothed(points: Points, *, share: float = 0.08) -> list[tuple[int, float]]:
    """The mean of each point and its neighbours, `share` of the curve in all; as many points as given."""
    reach = max(1, round(len(points) * share / 2))
    sums = [0.0]
    for _, value in points:
        sums.append(sums[-1] + value)
    result = []
    for index, (step, _) in enumerate(points):
        low, high = max(0, index - reach), min(len(points), index + reach + 1)
        result.append((step, (sums[high] - sums[low]) / (high - low)))
    return result


def loss_plot(
    points: Points, total_steps: int = 0, evaluations: Points = (), best_step: int | None = None
) -> str:
    """An `<svg>` of the raw and the smoothed curve from the first step to the last, or a line of text.

    Their axis is cut at the 98th percentile, so that one wild step doesn't flatten the rest. The
    `evaluations` have an axis of their own on the right: they move less than single steps do. `best_step`
    is marked on them.
    """
    if len(points) < 2:
        return '<div class="traintab-plot-empty">The loss curve appears here after a few steps.</div>'
    evaluations = evaluations if len(evaluations) > 1 else ()
    first, last = points[0][0], max(points[-1][0], total_steps)
    first = min(first, evaluations[0][0]) if evaluations else first
    top = sorted(value for _, value in points)[int(0.98 * (len(points) - 1))] * 1.1 or 1.0
    frame = _Frame(first, last, 0.0, top, right=_SECOND_AXIS if evaluations else _RIGHT)
    trend = smoothed(points)
    label = f"Loss from step {first} to {points[-1][0]}, now {trend[-1][1]:.4f} on average"
    if evaluations:
        label += f", {evaluations[-1][1]:.4f} on the evaluation set"
    return (
        f'<svg class="traintab-plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{frame.axes()}"
        f'<polyline class="traintab-loss-raw" points="{frame.path(points)}"/>'
        f'<polyline class="traintab-loss-smooth" points="{frame.path(trend)}"/>'
        f"{_evaluation_curve(frame, evaluations, best_step) if evaluations else ''}"
        "</svg>"
    )


def _evaluation_curve(frame: _Frame, points: Points, best_step: int | None) -> str:
    """The curve between its own lowest and highest value, their ticks on the right, and what is what."""
    values = [value for _, value in points]
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.05
    own = _Frame(frame.first, frame.last, low - margin, high + margin, right=frame.right)
    right = _WIDTH - own.right + 6
    parts = [f'<polyline class="traintab-loss-evaluation" points="{own.path(points)}"/>']
    parts += [
        _tick(right, own.y(value) + 4, "start", f"{value:.4f}", "traintab-tick traintab-tick-evaluation")
        for value in dict.fromkeys((low, high))
    ]
    best = next((point for point in points if point[0] == best_step), None)
    if best is not None:
        x, y = own.x(best[0]), own.y(best[1])
        parts.append(f'<circle class="traintab-loss-best" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
    return "".join(parts) + _legend(own.right)


def _legend(right: int) -> str:
    """A word for each curve, in its colour."""
    words = (("each step", "raw"), ("smoothed", "smooth"), ("evaluation (right axis)", "evaluation"))
    spans = " · ".join(f'<tspan class="traintab-legend-{kind}">{word}</tspan>' for word, kind in words)
    return _tick(_WIDTH - right - 4, _LEGEND, "end", spans)


@dataclass(frozen=True)
class _Frame:
    """Where steps `first` to `last` and values `bottom` to `top` lie in the picture."""

    first: int
    last: int
    bottom: float
    top: float
    right: int = _RIGHT

    def x(self, step: float) -> float:
        share = (step - self.first) / max(self.last - self.first, 1)
        return _LEFT + share * (_WIDTH - _LEFT - self.right)

    def y(self, value: float) -> float:
        share = min(max((value - self.bottom) / (self.top - self.bottom), 0.0), 1.0)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def path(self, points: Points) -> str:
        return " ".join(f"{self.x(step):.1f},{self.y(value):.1f}" for step, value in points)

    def axes(self) -> str:
        """Lines and ticks at the ends and in the middle of both axes."""
        left, right = _LEFT, _WIDTH - self.right
        lines = []
        for share in (0.0, 0.5, 1.0):
            value = self.bottom + share * (self.top - self.bottom)
            y = self.y(value)
            lines.append(f'<line class="traintab-grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>')
            lines.append(_tick(left - 6, y + 4, "end", f"{value:.2g}"))
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
            step = self.first + share * max(self.last - self.first, 1)
            lines.append(_tick(self.x(step), _HEIGHT - 8, anchor, f"{step:,.0f}"))
        return "".join(lines)


def _tick(x: float, y: float, anchor: str, text: str, classes: str = "traintab-tick") -> str:
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
