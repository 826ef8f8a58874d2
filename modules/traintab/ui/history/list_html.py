"""The list of past runs in HTML: a pure function of what is shown."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path

from ...run_history import RunStatus, RunSummary
from ..file_urls import file_url
from ..wording import number

__all__ = ["NOTHING_YET", "chip", "facts_of", "run_choices", "runs_html", "when"]

NOTHING_YET = (
    '<div class="traintab-plot-empty">No run yet. What you train is listed here, with its settings, curve,'
    " previews and files.</div>"
)
_NOTHING_FOUND = '<div class="traintab-plot-empty">No run has this in its name, date or model.</div>'
_STATUS_WORDS = {
    RunStatus.RUNNING: "Running",
    RunStatus.FINISHED: "Finished",
    RunStatus.INTERRUPTED: "Interrupted",
    RunStatus.FAILED: "Failed",
}


def runs_html(shown: Sequence[RunSummary], total: int, known: int, small: Callable[[Path], Path]) -> str:
    """The first runs of `total` that were found among `known`; `small` gives a picture's file to show."""
    if not shown:
        return _NOTHING_FOUND if known else NOTHING_YET
    rows = "".join(_row(run, small) for run in shown)
    counted = "1 run" if total == 1 else f"{total:,} runs"
    return (
        f'<div class="traintab-runs" data-count="{total}"><p class="traintab-hint">{counted}</p>'
        f'<ul aria-label="Past runs">{rows}</ul></div>'
    )


def run_choices(runs: Sequence[RunSummary]) -> list[tuple[str, str]]:
    """What a dropdown offers: (text, place)."""
    return [(f"{run.name} · {when(run)}", run.place) for run in runs]


def when(run: RunSummary) -> str:
    """The day and the minute it began: `2024-02-29 10:00`; its day's folder where nobody knows."""
    return f"{run.started:%Y-%m-%d %H:%M}" if run.started else run.place.partition("/")[0]


def chip(status: RunStatus) -> str:
    """The status in its colour."""
    return f'<span class="traintab-chip traintab-{status.value}">{_STATUS_WORDS[status]}</span>'


def facts_of(run: RunSummary) -> list[str]:
    """What came of it, a phrase each."""
    total = f"{run.step:,} of {run.total_steps:,} steps" if run.total_steps else f"{run.step:,} steps"
    facts = [total]
    if run.best_loss is not None:
        facts.append(f"best {number(run.best_loss)} at step {run.best_step:,}")
    elif run.loss is not None:
        facts.append(f"loss {number(run.loss)}")
    if run.is_web_ui:
        facts.append("by the web UI")
    return facts


def _row(run: RunSummary, small: Callable[[Path], Path]) -> str:
    place, name, begun = html.escape(run.place, quote=True), html.escape(run.name), html.escape(when(run))
    title = html.escape(f"Compare the chosen run with {run.name} of {when(run)}", quote=True)
    facts = "".join(f"<span>{html.escape(fact)}</span>" for fact in facts_of(run))
    return (
        f'<li class="traintab-run" data-run="{place}">'
        f'<button type="button" class="traintab-run-open" data-run-action="open">{_picture(run, small)}'
        f'<span class="traintab-run-told"><span class="traintab-run-name">{name}</span>'
        f'<span class="traintab-run-when">{begun}</span>{chip(run.status)}'
        f'<span class="traintab-run-facts">{facts}</span></span></button>'
        f'<button type="button" class="traintab-run-compare" data-run-action="compare" title="{title}"'
        f' aria-label="{title}">Compare</button></li>'
    )


def _picture(run: RunSummary, small: Callable[[Path], Path]) -> str:
    if run.preview is None:
        return '<span class="traintab-run-picture" aria-hidden="true"></span>'
    address = file_url(small(run.preview))
    return f'<img class="traintab-run-picture" loading="lazy" decoding="async" src="{address}" alt="">'
