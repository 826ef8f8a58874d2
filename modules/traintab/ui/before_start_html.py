"""The box below *Train Embedding* as HTML: figures, advice, and the data set's report."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..training.before_start import BeforeStart
    from ..training.pace import Expected

__all__ = ["before_start_html", "expected_seconds", "not_ready_html", "still_to_choose_html", "told_time"]

_GIB = 2**30
_MINUTE, _HOUR = 60, 3600
_UNKNOWN = "known after the first run"


def before_start_html(found: BeforeStart, expected: Expected | None, available: int | None) -> str:
    """The figures, the advice, and the report in a fold. `available` is the device's memory in bytes that a
    training can have, the model's own included; None where it isn't known.
    """
    figures = (
        ("Pictures", f"{found.pictures:,}", ""),
        ("Steps", _steps(found), ""),
        ("Steps per epoch", f"{found.steps_per_epoch:,}", "In an epoch every picture is shown once."),
        ("Epochs", _epochs(found.epochs), ""),
        ("Time", _time(found, expected), _origin(expected)),
        ("Memory", _memory(expected), _origin(expected)),
    )
    tiles = "".join(_figure(*figure) for figure in figures)
    sentences = (*_shortage(expected, available), *found.advice)
    advice = "".join(f"<li>{html.escape(told)}</li>" for told in sentences)
    return (
        '<section class="traintab-before" aria-label="Before the training starts">'
        f"<dl>{tiles}</dl>{f'<ul>{advice}</ul>' if advice else ''}"
        f"<details><summary>Data set report</summary><p>{html.escape(found.report)}</p></details></section>"
    )


def still_to_choose_html(has_embedding: bool, has_folder: bool) -> str:
    """What is missing yet."""
    if has_embedding:
        told = "Choose the folder with your pictures, and this box tells what the training will be."
    elif has_folder:
        told = "Choose an embedding, or create one, and this box tells what the training will be."
    else:
        told = (
            "Choose an embedding and the folder with your pictures, and this box tells what the training"
            " will be."
        )
    return f'<section class="traintab-before traintab-before-empty"><p>{html.escape(told)}</p></section>'


def not_ready_html(sentence: str, *, is_done: bool = False) -> str:
    """Why the training would not start as the fields are; `is_done`: because there is nothing left to do.

    Several lines are a text with a caret below the character in question.
    """
    kind = "traintab-before-done" if is_done else "traintab-before-wrong"
    lines = ' class="traintab-lines"' if "\n" in sentence else ""
    return f'<section class="traintab-before {kind}"><p{lines}>{html.escape(sentence)}</p></section>'


def expected_seconds(found: BeforeStart, expected: Expected) -> float:
    """Seconds of the whole run, with what goes before the first step, previews and evaluations."""
    pace = expected.pace
    return (
        pace.seconds_before
        + found.steps * pace.seconds_per_step
        + found.previews * (pace.seconds_per_preview or 0.0)
        + found.evaluations * (pace.seconds_per_evaluation or 0.0)
    )


def told_time(seconds: float) -> str:
    """`about 45 s`, `about 3 min`, `about 1 h 20 min`: no more exact than it can be known."""
    if seconds < _MINUTE:
        return f"about {max(5 * round(seconds / 5), 1)} s"
    if seconds < _HOUR:
        return f"about {round(seconds / _MINUTE)} min"
    minutes = 5 * round(seconds / (5 * _MINUTE))
    return f"about {minutes // 60} h {minutes % 60} min" if minutes % 60 else f"about {minutes // 60} h"


def _steps(found: BeforeStart) -> str:
    return f"{found.steps:,}" if not found.start_step else f"{found.start_step:,} to {found.total_steps:,}"


def _epochs(epochs: float) -> str:
    return f"{epochs:,.0f}" if epochs >= 10 else f"{epochs:.1f}".removesuffix(".0")


def _time(found: BeforeStart, expected: Expected | None) -> str:
    if expected is None or not expected.pace.seconds_per_step:
        return _UNKNOWN
    told = told_time(expected_seconds(found, expected))
    return f"{told} at most" if found.config.evaluation.automatic_stop else told


def _memory(expected: Expected | None) -> str:
    peak = None if expected is None else expected.pace.peak_memory
    if expected is None or peak is None:
        return _UNKNOWN
    size = f"{peak / _GIB:.1f} GiB"
    if expected.is_measured:
        return f"about {size}"
    if expected.memory_is_most:
        return f"at most {size}"
    return f"more than {size}" if expected.memory_is_least else _UNKNOWN


def _origin(expected: Expected | None) -> str:
    if expected is None:
        return "The first training with this model measures it."
    if expected.is_measured:
        return "Measured by the last run with these settings."
    origin = expected.origin
    return (
        f"Reckoned from a run at {origin.width} × {origin.height} pixels with batches of {origin.batch_size}."
    )


def _shortage(expected: Expected | None, available: int | None) -> tuple[str, ...]:
    """A sentence when the memory will hardly be enough."""
    from ..models.memory_advice import smaller_pictures

    peak = None if expected is None else expected.pace.peak_memory
    is_known = expected is not None and (expected.is_measured or expected.memory_is_least)
    if expected is None or peak is None or available is None or not is_known or peak <= available:
        return ()
    pace = expected.pace
    remedy = smaller_pictures(
        width=pace.width, height=pace.height, batch_size=pace.batch_size, fits=available / peak
    )
    return (
        f"It needs {peak / _GIB:.1f} GiB of memory or more, and {available / _GIB:.1f} GiB can be had now:"
        f" close other programs that use the device, or {remedy}.",
    )


def _figure(label: str, value: str, title: str) -> str:
    described = f' title="{html.escape(title)}"' if title else ""
    return f"<div{described}><dt>{label}</dt><dd>{html.escape(value)}</dd></div>"
