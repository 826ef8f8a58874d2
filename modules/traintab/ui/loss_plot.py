"""The loss curve as an SVG, drawn on the server so that every gradio version can show it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["loss_plot", "smoothed"]

_WIDTH, _HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 26

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


def loss_plot(points: Points, total_steps: int = 0) -> str:
    """An `<svg>` of the raw and the smoothed curve from the first step to the last, or a line of text.

    The values' axis is cut at the 98th percentile, so that one wild step doesn't flatten the rest.
    """
    if len(points) < 2:
        return '<div class="traintab-plot-empty">The loss curve appears here after a few steps.</div>'
    first, last = points[0][0], max(points[-1][0], total_steps)
    top = sorted(value for _, value in points)[int(0.98 * (len(points) - 1))] * 1.1 or 1.0
    frame = _Frame(first, last, top)
    trend = smoothed(points)
    label = f"Loss from step {first} to {points[-1][0]}, now {trend[-1][1]:.4f} on average"
    return (
        f'<svg class="traintab-plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{frame.axes()}"
        f'<polyline class="traintab-loss-raw" points="{frame.path(points)}"/>'
        f'<polyline class="traintab-loss-smooth" points="{frame.path(trend)}"/>'
        "</svg>"
    )


class _Frame:
    """Where steps `first` to `last` and values 0 to `top` lie in the picture."""

    def __init__(self, first: int, last: int, top: float) -> None:
        self.first, self.last, self.top = first, max(last, first + 1), top

    def x(self, step: float) -> float:
        share = (step - self.first) / (self.last - self.first)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = min(max(value / self.top, 0.0), 1.0)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def path(self, points: Points) -> str:
        return " ".join(f"{self.x(step):.1f},{self.y(value):.1f}" for step, value in points)

    def axes(self) -> str:
        """Lines and ticks at the ends and in the middle of both axes."""
        left, right = _LEFT, _WIDTH - _RIGHT
        lines = []
        for share in (0.0, 0.5, 1.0):
            y = self.y(share * self.top)
            lines.append(f'<line class="traintab-grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>')
            lines.append(_tick(left - 6, y + 4, "end", f"{share * self.top:.2g}"))
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
            step = self.first + share * (self.last - self.first)
            lines.append(_tick(self.x(step), _HEIGHT - 8, anchor, f"{step:,.0f}"))
        return "".join(lines)


def _tick(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text class="traintab-tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
