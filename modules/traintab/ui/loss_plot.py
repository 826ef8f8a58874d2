"""The loss curves as an SVG, drawn on the server so that every gradio version can show them.

Linear and logarithmic heights are both in it: the page shows one of them, without asking the server.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import replace

from .evaluation_plot import evaluation_frame, evaluation_lines, guides_in
from .plot_frame import Frame, Points, text_at

__all__ = ["loss_plot", "smoothed", "trend_now"]

_WIDTH, _HEIGHT = 480, 218
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 10, 8, 138
_SECOND_AXIS = 58
_RATE_TOP, _RATE_BOTTOM = 166, 188
_STEPS = 210
_POINTS = 300
_SHARE = 0.08
_KINDS = {
    "saved": ("Saved at step {:,}", "M{x} 142l4.5 7.5h-9z"),
    "preview": ("Preview at step {:,}", "M{x} 151.5l4 4-4 4-4-4z"),
}
_EMPTY = '<div class="traintab-plot-empty">The loss curve appears here after a few steps.</div>'

Marks = Sequence[tuple[int, str]]


def smoothed(points: Points, *, share: float = _SHARE) -> list[tuple[int, float]]:
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


def trend_now(points: Points) -> float | None:
    """The last value of the smoothed curve; None before the first point."""
    reach = max(1, round(len(points) * _SHARE / 2))
    newest = [value for _, value in points[-reach - 1 :]]
    return sum(newest) / len(newest) if newest else None


def loss_plot(
    points: Points,
    total_steps: int = 0,
    evaluations: Points = (),
    best_step: int | None = None,
    rates: Points = (),
    marks: Marks = (),
) -> str:
    """The raw and the smoothed curve from the first step to the last, with what is known beside them.

    Their axis is cut at the 98th percentile, so that one wild step doesn't flatten the rest. The
    `evaluations` have an axis of their own on the right: they move less than single steps do; `best_step`
    is marked on them. Below are `marks`, (step, "saved" or "preview"), and the learning rate as stairs. Of
    very many points neighbours are drawn as one. Without two points it is a line of text.
    """
    if len(points) < 2:
        return _EMPTY
    evaluations = evaluations if len(evaluations) > 1 else ()
    trend = smoothed(points)
    raw, trend = _fewer(points), [trend[index] for index in _last_of_groups(len(points))]
    linear, logarithmic = _frames(points, total_steps, evaluations)
    curves = "".join(
        f'<g class="traintab-plot-{name}">{frame.grid()}'
        f'<polyline class="traintab-loss-raw" points="{frame.line(raw)}"/>'
        f'<polyline class="traintab-loss-smooth" points="{frame.line(trend)}"/></g>'
        for name, frame in (("linear", linear), ("log", logarithmic))
    )
    parts = [curves, linear.steps(_STEPS), _markers(linear, marks)]
    if evaluations:
        parts.append(evaluation_lines(evaluation_frame(linear, evaluations), evaluations, best_step))
    if rates:
        parts.append(_rate(linear, rates, points[-1][0]))
    label = html.escape(_described(points, trend[-1][1], evaluations, best_step))
    data = _data(raw, trend, evaluations, rates) + _edges(linear)
    svg = (
        f'<svg class="traintab-plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}"{data}>'
        f"{''.join(parts)}</svg>"
    )
    return f"{_legend(evaluations, rates, marks)}{svg}{_note(evaluations)}"


def _frames(points: Points, total_steps: int, evaluations: Points) -> tuple[Frame, Frame]:
    """With heights as they are, and with their logarithms."""
    first, last = points[0][0], max(points[-1][0], total_steps)
    first = min(first, evaluations[0][0]) if evaluations else first
    values = sorted(value for _, value in points if math.isfinite(value)) or [1.0]
    high = values[int(0.98 * (len(values) - 1))] * 1.1 or 1.0
    lowest = next((value for value in values if value > 0), high / 10)
    right = _WIDTH - (_SECOND_AXIS if evaluations else _RIGHT)
    linear = Frame(
        first=first, last=last, low=0.0, high=high, left=_LEFT, right=right, top=_TOP, bottom=_BOTTOM
    )
    return linear, replace(linear, low=min(lowest * 0.9, high / 2), is_log=True)


def _last_of_groups(count: int) -> list[int]:
    """The indices of the points that are drawn, each standing for itself and those before it."""
    size = math.ceil(count / _POINTS)
    return [min(start + size, count) - 1 for start in range(0, count, size)]


def _fewer(points: Points) -> list[tuple[int, float]]:
    """Groups of neighbours as their last step and the mean of their values."""
    result, start = [], 0
    for end in _last_of_groups(len(points)):
        group = points[start : end + 1]
        result.append((group[-1][0], sum(value for _, value in group) / len(group)))
        start = end + 1
    return result


def _markers(frame: Frame, marks: Marks) -> str:
    """A triangle where a copy was saved, a diamond where a preview was drawn, each with its sentence."""
    return "".join(
        f'<path class="traintab-mark-{kind}" d="{shape.format(x=f"{frame.x(step):.1f}")}">'
        f"<title>{words.format(step)}</title></path>"
        for step, kind in marks
        if kind in _KINDS and frame.first <= step <= frame.last
        for words, shape in (_KINDS[kind],)
    )


def _rate(frame: Frame, rates: Points, until: int) -> str:
    """The learning rate as stairs in a strip of their own, from 0 to the highest, which is written beside."""
    high = max(value for _, value in rates) or 1.0
    strip = replace(frame, low=0.0, high=high, top=_RATE_TOP, bottom=_RATE_BOTTOM)
    base = f'x1="{frame.left}" x2="{frame.right}" y1="{_RATE_BOTTOM}" y2="{_RATE_BOTTOM}"'
    stairs = strip.stairs(rates, max(until, rates[-1][0]))
    return (
        f'<line class="traintab-grid" {base}/><path class="traintab-rate-line" d="{stairs}"/>'
        f"{text_at(frame.left - 6, _RATE_TOP + 7, f'{high:.3g}', anchor='end')}"
    )


def _described(points: Points, now: float, evaluations: Points, best_step: int | None) -> str:
    """The picture in words, for those who can't see it."""
    label = f"Loss from step {points[0][0]} to {points[-1][0]}, now {now:.4f} on average"
    if evaluations:
        label += f", {evaluations[-1][1]:.4f} on the evaluation set"
        label += f", which was best at step {best_step}" if best_step is not None else ""
    return label


def _data(raw: Points, trend: Points, evaluations: Points, rates: Points) -> str:
    """What the page's script reads values from when somebody points at a step."""
    curve = ";".join(
        f"{step} {value:.4g} {mean:.4g}" for (step, value), (_, mean) in zip(raw, trend, strict=True)
    )
    others = {"evaluations": evaluations, "rates": rates}
    texts = {
        name: ";".join(f"{step} {value:.4g}" for step, value in points) for name, points in others.items()
    }
    return "".join(f' data-{name}="{text}"' for name, text in {"curve": curve, **texts}.items() if text)


def _edges(frame: Frame) -> str:
    numbers = (frame.first, frame.last, frame.left, frame.right, _TOP, _RATE_BOTTOM)
    return f' data-edges="{" ".join(map(str, numbers))}"'


def _legend(evaluations: Points, rates: Points, marks: Marks) -> str:
    """What is what, beside the colours and shapes."""
    kinds = {kind for _, kind in marks}
    words = [("each step", "raw"), ("smoothed", "smooth")]
    words += [("evaluation (right axis)", "evaluation")] if evaluations else []
    words += [("learning rate", "rate")] if rates else []
    words += [("saved", "saved")] if "saved" in kinds else []
    words += [("preview", "preview")] if "preview" in kinds else []
    keys = "".join(f'<span class="traintab-key traintab-key-{kind}">{word}</span>' for word, kind in words)
    return f'<div class="traintab-legend">{keys}</div>'


def _note(evaluations: Points) -> str:
    """Which curve to judge by."""
    if not evaluations:
        text = (
            "The loss of single steps is mostly the noise of its random timestep. The setting Evaluate every"
            " N steps gives a curve to judge by."
        )
        return f'<p class="traintab-plot-note">{text}</p>'
    text = (
        "The loss of single steps is mostly the noise of its random timestep; judge by the evaluation, which"
        " looks at the same noise each time."
    )
    dotted = "Dotted lines are the guides' rules of thumb for it." if guides_in(evaluations) else ""
    return f'<p class="traintab-plot-note"><span>{text}</span> <span>{dotted}</span></p>'
