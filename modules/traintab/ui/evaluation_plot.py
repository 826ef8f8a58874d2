"""The evaluation's curve in the loss plot: its own axis on the right, the best step, rules of thumb."""

from __future__ import annotations

from dataclasses import replace

from .plot_frame import Frame, Points, text_at

__all__ = ["evaluation_frame", "evaluation_lines", "guides_in"]

# What training guides tell of the loss; single steps are too noisy for it, the evaluation isn't.
_GUIDES = (
    (0.3, "above .3: poor"),
    (0.2, "above .2: fails for characters"),
    (0.15, "below .15: stable"),
)
_NEAR = 0.5
_WORDS_WIDTH, _WORDS_HEIGHT = 150, 14


def guides_in(evaluations: Points) -> list[tuple[float, str]]:
    """The rules of thumb in the curve's range, or no further from it than half of what it spans."""
    values = [value for _, value in evaluations]
    low, high = min(values), max(values)
    near = _NEAR * (high - low)
    return [(value, words) for value, words in _GUIDES if low - near <= value <= high + near]


def evaluation_frame(frame: Frame, evaluations: Points) -> Frame:
    """The same steps, and the heights between the lowest and the highest value or rule of thumb."""
    values = [value for _, value in (*evaluations, *((0, value) for value, _ in guides_in(evaluations)))]
    low, high = min(values), max(values)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.05
    return replace(frame, low=low - margin, high=high + margin)


def evaluation_lines(frame: Frame, evaluations: Points, best_step: int | None) -> str:
    """The curve and its best step, its lowest and highest value beside it, and the rules of thumb."""
    parts = [_guide(frame, *guide, evaluations) for guide in guides_in(evaluations)]
    parts.append(f'<polyline class="traintab-loss-evaluation" points="{frame.line(evaluations)}"/>')
    values = [value for _, value in evaluations]
    classes = "traintab-tick traintab-tick-evaluation"
    parts += [
        text_at(frame.right + 5, frame.y(value) + 4, f"{value:.4f}", classes=classes)
        for value in dict.fromkeys((min(values), max(values)))
    ]
    best = next((point for point in evaluations if point[0] == best_step), None)
    if best is not None:
        x, y = frame.x(best[0]), frame.y(best[1])
        title = f"<title>Best evaluation at step {best[0]:,}: {best[1]:.4f}</title>"
        parts.append(f'<circle class="traintab-loss-best" cx="{x:.1f}" cy="{y:.1f}" r="4">{title}</circle>')
    return "".join(parts)


def _guide(frame: Frame, value: float, words: str, evaluations: Points) -> str:
    """A dotted line with its words above it, or below it where the curve would strike them through."""
    y = frame.y(value)
    ends = f'x1="{frame.left}" x2="{frame.right}" y1="{y:.1f}" y2="{y:.1f}"'
    beside = (frame.y(loss) for step, loss in evaluations if frame.x(step) > frame.right - _WORDS_WIDTH)
    is_free = y > frame.top + _WORDS_HEIGHT and not any(0 <= y - near <= _WORDS_HEIGHT for near in beside)
    place = y - 3 if is_free else y + 11
    label = text_at(frame.right - 2, place, words, anchor="end", classes="traintab-tick traintab-guide-text")
    return f'<line class="traintab-guide" {ends}/>{label}'
