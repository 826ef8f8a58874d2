"""The learning rate's curve under its field, drawn while one types; a mistake in its place."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import Any

import gradio as gr

from ..configs import OptimizationConfig, TrainingConfig, check, check_value, options_of, replace_fields
from ..configs.rate import AS_WRITTEN
from ..errors import ConfigError, TrainTabError
from ..schedules.rate_curve import RateCurve
from .form import Form
from .gradio_compat import listen_to_latest
from .messages import failed

__all__ = ["SchedulePlot", "schedule_html", "schedule_plot"]

_WIDTH, _HEIGHT = 640, 120
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 10, 24
_SAMPLES = 300
# Written rates are shown wherever they are; a curve that ends at 0 would leave no room for the rest of it.
_MOST_DECADES = 6
_MOST_DECADES_OF_A_CURVE = 3
_FIELDS = (
    *("learning_rate", "steps", "lr_scheduler", "lr_warmup", "lr_cycles", "lr_power"),
    *("scale_lr", "batch_size", "gradient_accumulation_steps", "max_epochs"),
)
_RATE = options_of(OptimizationConfig)["learning_rate"]

Points = list[tuple[int, float]]


class SchedulePlot:
    """The drawing, made in the layout where it is constructed."""

    def __init__(self) -> None:
        self.drawing = gr.HTML(elem_id="train_schedule_plot", elem_classes=["traintab-slot"])

    def wire(self, form: Form) -> None:
        """Draw anew at every change of a field that the rate depends on."""
        names = [name for name in _FIELDS if name in form.names]
        inputs = [form[name] for name in names]

        def draw(*values: Any) -> str:
            return schedule_html(dict(zip(names, values, strict=True)))

        for component in inputs:
            listen_to_latest(component.change, draw, inputs, [self.drawing], at_once=True)


def schedule_html(values: Mapping[str, Any]) -> str:
    """The drawing for these fields' values, a sentence where there is nothing to draw, or the rate's mistake.

    What is wrong with other fields, such as Max steps, is told where the training is; here is nothing then.
    """
    from ..training.curve import curve_of

    if values.get("max_epochs"):
        return _sentence("With Max epochs the number of steps is known when the training begins.")
    config = replace_fields(TrainingConfig(), values)
    try:
        check_value(_RATE, config.optimization.learning_rate)
        check(config.rate)
        if not _is_right(config.optimization):
            return ""
        curve = curve_of(config)
    except TrainTabError as error:
        return failed(str(error))
    factor = 1
    if config.rate.scale_lr:
        factor = config.optimization.batch_size * config.optimization.gradient_accumulation_steps
    return schedule_plot(curve, factor)


def _is_right(settings: OptimizationConfig) -> bool:
    try:
        check(settings)
    except ConfigError:
        return False
    return True


def schedule_plot(curve: RateCurve, factor: int = 1) -> str:
    """An `<svg>` of the rate times `factor` over the steps, on a logarithmic scale; a rate that stays the
    same is told in words, and so is where the run ends before its last step.
    """
    points = [(step, rate * factor) for step, rate in _points(curve) if rate > 0]
    low, high = min(rate for _, rate in points), max(rate for _, rate in points)
    ends = f"The run ends at step {curve.end_step:,}, where the schedule does."
    told = ends if curve.end_step < curve.total_steps else ""
    if low == high:
        return _sentence(f"{high:g} in every step. {told}".strip())
    label = (
        f"Learning rate from {points[0][1]:.3g} at step 0 to {points[-1][1]:.3g} at step {curve.end_step:,}"
    )
    is_written = curve.shape == AS_WRITTEN and not curve.warmup
    frame = _Frame(curve.total_steps, low, high, _MOST_DECADES if is_written else _MOST_DECADES_OF_A_CURVE)
    return (
        f'<svg class="traintab-plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f'{frame.axes()}<polyline class="traintab-loss-smooth" points="{frame.path(points)}"/></svg>'
        f"{_sentence(told) if told else ''}"
    )


def _points(curve: RateCurve) -> Points:
    """Steps and rates, some hundred; where the written rate changes both are there."""
    ends = [part.end for part in curve.written.segments]
    stride = max(1, curve.end_step // _SAMPLES)
    changes = {step for end in ends for step in (end - 1, end) if 0 <= step < curve.end_step}
    steps = sorted({*range(0, curve.end_step, stride), *changes, curve.end_step - 1})
    found: Points = []
    for step in steps:
        rate = curve.at(step)
        if rate is None:
            continue
        if step in ends and found:
            found.append((step, found[-1][1]))
        found.append((step, rate))
    return [*found, (curve.end_step, found[-1][1])]


class _Frame:
    """Where steps 0 to `last` and rates lie in the picture, whole powers of ten at its edges."""

    def __init__(self, last: int, low: float, high: float, most_decades: int) -> None:
        self._last = max(last, 1)
        # Powers of ten end there, and so does every use of a rate.
        self._top = math.ceil(math.log10(min(high, 1e300)) - 1e-9)
        bottom = min(math.floor(math.log10(low) + 1e-9), self._top - 1)
        self._bottom = max(bottom, self._top - most_decades)

    def _x(self, step: float) -> float:
        return _LEFT + step / self._last * (_WIDTH - _LEFT - _RIGHT)

    def _y(self, rate: float) -> float:
        share = (math.log10(rate) - self._bottom) / (self._top - self._bottom)
        return _HEIGHT - _BOTTOM - min(max(share, 0.0), 1.0) * (_HEIGHT - _TOP - _BOTTOM)

    def path(self, points: Points) -> str:
        """The points of a polyline."""
        return " ".join(f"{self._x(step):.1f},{self._y(rate):.1f}" for step, rate in points)

    def axes(self) -> str:
        """A line for each power of ten, and steps at the ends and in the middle."""
        parts = []
        for power in range(self._bottom, self._top + 1):
            y = self._y(10.0**power)
            line = f'x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
            parts.append(f'<line class="traintab-grid" {line}/>')
            parts.append(_tick(_LEFT - 6, y + 4, "end", f"{10.0**power:g}"))
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
            step = round(share * self._last)
            parts.append(_tick(self._x(step), _HEIGHT - 6, anchor, f"{step:,}"))
        return "".join(parts)


def _tick(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text class="traintab-tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _sentence(text: str) -> str:
    return f'<div class="traintab-rate-told">{html.escape(text)}</div>'
