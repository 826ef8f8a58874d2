"""Two past runs side by side in HTML: results, curves, the settings that differ, previews by step."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...run_history import RunSummary
from ...training.run_curve import RunCurve
from ..file_urls import file_url
from ..viewer import attributes
from ..wording import number
from .comparison_plot import comparison_plot
from .list_html import chip, when

__all__ = ["ComparedRun", "comparison_html"]

Previews = Mapping[tuple[int, int], Path]


@dataclass(frozen=True, kw_only=True)
class ComparedRun:
    """One of the two; `previews` are its pictures by step and number."""

    run: RunSummary
    curves: RunCurve
    previews: Previews


def comparison_html(
    one: ComparedRun,
    other: ComparedRun,
    settings: Sequence[tuple[str, str, str]],
    untold: str,
    small: Callable[[Path], Path],
) -> str:
    """`settings` are (label, the one's value, the other's) of those that differ.

    `untold` says why nobody knows them, `small` gives a picture's file to show.
    """
    both = (one, other)
    names = [f"{each.run.name} {when(each.run)}" for each in both]
    losses = [(name, each.curves.losses) for name, each in zip(names, both, strict=True)]
    evaluations = [(name, each.curves.evaluations) for name, each in zip(names, both, strict=True)]
    plots = _titled("Loss, smoothed", comparison_plot(losses, "Smoothed loss of both runs", smooth=True))
    plots += _titled(
        "Loss on the evaluation set",
        comparison_plot(evaluations, "Evaluation loss of both runs", smooth=False),
    )
    places = attributes(run=one.run.place, other=other.run.place)
    return (
        f'<div class="traintab-run-details traintab-compared"{places}>'
        f"{_results(both)}{plots}{_settings(settings, untold)}{_previews(both, small)}</div>"
    )


def _titled(title: str, plot: str) -> str:
    return f"<h4>{title}</h4>{plot}" if plot else ""


def _results(both: Sequence[ComparedRun]) -> str:
    heads = "".join(
        f'<th scope="col"><i class="traintab-compared-key-{kind}"></i>'
        f'<span translate="no">{html.escape(each.run.name)}</span>'
        f"<small>{html.escape(when(each.run))}</small></th>"
        for kind, each in zip(("one", "other"), both, strict=True)
    )
    rows = {
        "Status": [chip(each.run.status) for each in both],
        "Steps": [f"{each.run.step:,}" for each in both],
        "Loss at the end": [number(each.run.loss) for each in both],
        "Best evaluation": [number(each.run.best_loss) for each in both],
        "Best step": ["–" if each.run.best_step is None else f"{each.run.best_step:,}" for each in both],
    }
    body = "".join(
        f'<tr><th scope="row">{label}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for label, cells in rows.items()
    )
    return f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _settings(settings: Sequence[tuple[str, str, str]], untold: str) -> str:
    if untold:
        return f'<p class="traintab-hint">{html.escape(untold)}</p>'
    if not settings:
        return '<p class="traintab-hint">Both runs have the same settings.</p>'
    body = "".join(
        f'<tr><th scope="row">{html.escape(label)}</th>'
        f"<td>{html.escape(one)}</td><td>{html.escape(two)}</td></tr>"
        for label, one, two in settings
    )
    return f"<h4>Settings that differ</h4><table><tbody>{body}</tbody></table>"


def _previews(both: Sequence[ComparedRun], small: Callable[[Path], Path]) -> str:
    """A row for each step of which either has a preview; each run is a column, so that ↑ and ↓ stay in it."""
    places = sorted({place for each in both for place in each.previews})
    if not places:
        return ""
    rows = []
    for row, (step, which) in enumerate(places):
        title = f"Step {step:,}" if which == 1 else f"Step {step:,}, picture {which}"
        cells = [_cell(each, (step, which), title, (row, column), small) for column, each in enumerate(both)]
        rows.append(f'<tr><th scope="row">{title}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    return (
        f"<h4>Previews by step</h4><table{attributes(viewer='compared')}"
        f' class="traintab-compared-previews"><tbody>{"".join(rows)}</tbody></table>'
    )


def _cell(
    each: ComparedRun,
    place: tuple[int, int],
    title: str,
    at: tuple[int, int],
    small: Callable[[Path], Path],
) -> str:
    path = each.previews.get(place)
    if path is None:
        return "–"
    told = html.escape(f"{each.run.name}, {title}", quote=True)
    opens = attributes(full="", row=at[0], column=at[1], title=title, text=each.run.name)
    return (
        f'<a href="{file_url(path)}" target="_blank"{opens}>'
        f'<img loading="lazy" decoding="async" src="{file_url(small(path))}" alt="{told}"></a>'
    )
