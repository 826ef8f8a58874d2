"""Where steps and values lie in a plot that is drawn as SVG on the server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Frame", "Points", "text_at"]

Points = Sequence[tuple[int, float]]

_SMALLEST = 1e-12


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Steps `first` to `last` from the left to the right edge, values `low` to `high` from bottom to top.

    `is_log` gives equal ratios equal distances; `low` is above 0 then. Edges are in the SVG's own units,
    counted from its upper left corner.
    """

    first: int
    last: int
    low: float
    high: float
    left: float
    right: float
    top: float
    bottom: float
    is_log: bool = False

    def x(self, step: float) -> float:
        """Of a step."""
        share = (step - self.first) / max(self.last - self.first, 1)
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        """Of a value; one beyond the frame lies on its edge."""
        share = self._share(value)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    def _share(self, value: float) -> float:
        if not self.is_log:
            return (value - self.low) / ((self.high - self.low) or 1.0)
        low, high = math.log(self.low), math.log(self.high)
        return (math.log(max(value, _SMALLEST)) - low) / ((high - low) or 1.0)

    def value_at(self, share: float) -> float:
        """The value at a share of the height, 0 at the bottom and 1 at the top."""
        if self.is_log:
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def line(self, points: Points) -> str:
        """The points as a polyline's."""
        return " ".join(f"{self.x(step):.1f},{self.y(value):.1f}" for step, value in points)

    def stairs(self, points: Points, until: int) -> str:
        """The path of values that each hold from their step to the next, the last `until` a step."""
        parts = [f"M{self.x(points[0][0]):.1f} {self.y(points[0][1]):.1f}"]
        parts += [f"H{self.x(step):.1f}V{self.y(value):.1f}" for step, value in points[1:]]
        return "".join([*parts, f"H{self.x(until):.1f}"])

    def grid(self) -> str:
        """Lines and their values at the bottom, in the middle and at the top."""
        lines = []
        for share in (0.0, 0.5, 1.0):
            value = self.value_at(share)
            y = self.bottom - share * (self.bottom - self.top)
            ends = f'x1="{self.left}" x2="{self.right}" y1="{y:.1f}" y2="{y:.1f}"'
            lines.append(f'<line class="traintab-grid" {ends}/>')
            lines.append(text_at(self.left - 6, y + 4, f"{value:.3g}", anchor="end"))
        return "".join(lines)

    def steps(self, y: float) -> str:
        """The first, the middle and the last step, written at the height `y`."""
        marks = []
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
            step = self.first + share * max(self.last - self.first, 1)
            marks.append(text_at(self.x(step), y, f"{step:,.0f}", anchor=anchor))
        return "".join(marks)


def text_at(x: float, y: float, text: str, *, anchor: str = "start", classes: str = "traintab-tick") -> str:
    """A piece of text in the plot."""
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
