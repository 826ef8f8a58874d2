"""The checkpoint grid as a table of pictures: a pure function of what is known of it."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

from ...grid_scoring import ScoringSnapshot
from ...grids import GridCell, GridColumn, GridRow, GridSnapshot, GridState
from ..file_urls import file_url
from ..viewer import attributes
from ..wording import span
from .scores_html import meanings_html, scores_html

__all__ = ["grid_html", "recommended_step"]

Small = Callable[[Path], Path]

_NOT_JUDGED = "Compare steps with the same settings judges these pictures, too; none is drawn anew."


def grid_html(grid: GridSnapshot, scoring: ScoringSnapshot, small: Small) -> str:
    """Progress, an error, or the table; nothing before the first grid.

    `small` gives the file to show in the table; a click opens the picture itself (`viewer.py`).
    """
    if grid.state is GridState.IDLE:
        return ""
    parts = [_head(grid), _progress(grid), _told("failed", "alert", grid.error)]
    if grid.columns:
        parts += [_judging(grid, scoring), _recommendation(grid, scoring), _table(grid, scoring, small)]
        parts += [_picture(grid), _notes(grid), meanings_html(_scoring_of(grid, scoring))]
    state = f' data-state="{grid.state.value}" data-judged="{int(_is_judged(grid, scoring))}"'
    return f'<div class="traintab-steps"{state}>{"".join(parts)}</div>'


def recommended_step(grid: GridSnapshot, scoring: ScoringSnapshot) -> int | None:
    """The step that is recommended in this grid; None while nobody knows."""
    found = _scoring_of(grid, scoring).recommendation
    return None if found is None else found.step


def _scoring_of(grid: GridSnapshot, scoring: ScoringSnapshot) -> ScoringSnapshot:
    """The scores of this grid: those of the last one don't count."""
    return scoring if scoring.grid == grid.number else ScoringSnapshot()


def _is_judged(grid: GridSnapshot, scoring: ScoringSnapshot) -> bool:
    own = _scoring_of(grid, scoring)
    return not grid.state.is_active and bool(own.scores) and not own.is_active


def _head(grid: GridSnapshot) -> str:
    title = f"Steps of {grid.embedding_name}"
    where = "" if grid.run is None else html.escape("/".join(grid.run.parts[-2:]))
    run = f'<span translate="no">{where}</span>' if where else ""
    return f'<p class="traintab-steps-head"><b>{html.escape(title)}</b>{run}</p>'


def _progress(grid: GridSnapshot) -> str:
    if not grid.state.is_active:
        return _told("done", "status", grid.message)
    left = f"About {span(grid.eta_seconds)} left." if grid.eta_seconds is not None else ""
    return _bar(grid.message, left, grid.fraction)


def _judging(grid: GridSnapshot, scoring: ScoringSnapshot) -> str:
    own = _scoring_of(grid, scoring)
    if grid.state.is_active:
        return ""
    if own.grid != grid.number or not own.grid:
        return f'<p class="traintab-hint">{_NOT_JUDGED}</p>'
    if not (own.is_active or own.error):
        return ""
    if own.error:
        return _told("failed", "alert", own.error)
    count = f"Looked at {own.done} of {own.total} pictures." if own.total else ""
    return _bar(own.message, count, own.done / own.total if own.total else None)


def _bar(said: str, more: str, share: float | None) -> str:
    unknown = " traintab-bar-unknown" if share is None else ""
    return (
        f'<div class="traintab-steps-progress"><p><span>{html.escape(said)}</span>'
        f"<span>{html.escape(more)}</span></p>"
        f'<div class="traintab-bar{unknown}"><div class="traintab-bar-fill"'
        f' style="width: {100 * (share or 0):.0f}%"></div></div></div>'
    )


def _told(kind: str, role: str, sentence: str) -> str:
    if not sentence:
        return ""
    return f'<div class="traintab-message traintab-{kind}" role="{role}">{html.escape(sentence)}</div>'


def _recommendation(grid: GridSnapshot, scoring: ScoringSnapshot) -> str:
    own = _scoring_of(grid, scoring)
    if own.recommendation is None:
        return ""
    title = f"Step {own.recommendation.step:,} is recommended."
    return (
        f'<p class="traintab-steps-recommended" role="status"><b>{title}</b>'
        f" <span>{html.escape(own.recommendation.reason)}</span></p>"
    )


def _table(grid: GridSnapshot, scoring: ScoringSnapshot, small: Small) -> str:
    best = recommended_step(grid, scoring)
    heads = "".join(_column_head(column, is_recommended=column.step == best) for column in grid.columns)
    rows = "".join(_row(grid, number, row, small) for number, row in enumerate(grid.rows))
    steps = [column.step for column in grid.columns]
    scores = scores_html(_scoring_of(grid, scoring), steps, recommended=best)
    key = f"grid {grid.run} {grid.number}"
    label = f"Steps of {grid.embedding_name} side by side"
    return (
        f'<div class="traintab-steps-scroll" role="region" tabindex="0"'
        f' aria-label="{html.escape(label, quote=True)}"{attributes(viewer=key)}>'
        f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody>"
        f"<tfoot>{scores}{_buttons(grid)}</tfoot></table></div>"
    )


def _column_head(column: GridColumn, *, is_recommended: bool) -> str:
    title = f"Step {column.step:,}"
    marks = "<em>Recommended</em>" if is_recommended else ""
    marks += '<i title="Best evaluation">★</i>' if column.is_best else ""
    chosen = ' class="traintab-steps-chosen"' if is_recommended else ""
    return f'<th scope="col"{chosen}><span>{title}</span>{marks}</th>'


def _row(grid: GridSnapshot, number: int, row: GridRow, small: Small) -> str:
    cells = "".join(f"<td>{_cell(grid, number, place, small)}</td>" for place in range(len(grid.columns)))
    # A prompt and a model's name are the user's words; "weight 0.6" is ours.
    own = ' translate="no"' if row.model or row.title == row.prompt else ""
    whole, title = html.escape(row.prompt, quote=True), html.escape(row.title)
    head = f'<th scope="row" title="{whole}"{own}>{title}</th>'
    return f"<tr{attributes(text=row.prompt)}>{head}{cells}</tr>"


def _cell(grid: GridSnapshot, row: int, place: int, small: Small) -> str:
    """The pictures of all seeds, and empty places for those that aren't drawn yet, so that nothing jumps."""
    found = {cell.seed: cell for cell in grid.cells_at(row, place)}
    shots = [
        _shot(found[seed], grid.columns[place].step, small) if seed in found else "<i></i>"
        for seed in grid.seeds
    ]
    return f'<div class="traintab-steps-cell">{"".join(shots)}</div>'


def _shot(cell: GridCell, step: int, small: Small) -> str:
    title, note = f"Step {step:,}", f"seed {cell.seed}"
    where = attributes(full="", row=f"{cell.row}.{cell.seed}", column=cell.column, title=title, note=note)
    alt = f"Step {step:,}, seed {cell.seed}"
    return (
        f'<a href="{file_url(cell.path)}" target="_blank"{where}>'
        f'<img loading="lazy" decoding="async" src="{file_url(small(cell.path))}" alt="{alt}"></a>'
    )


def _buttons(grid: GridSnapshot) -> str:
    """Under each step; the page's script lets them press the buttons below the table."""
    if grid.state.is_active:
        return ""
    cells = "".join(
        f'<td><button type="button" data-press="ti_grid_use" data-step="{column.step}"'
        f' aria-label="Use step {column.step:,}">Use</button>'
        f'<button type="button" data-press="ti_grid_continue" data-step="{column.step}"'
        f' aria-label="Continue from step {column.step:,}">Continue</button></td>'
        for column in grid.columns
    )
    return f'<tr class="traintab-steps-buttons"><td></td>{cells}</tr>'


def _picture(grid: GridSnapshot) -> str:
    if grid.picture is None:
        return ""
    address, name = file_url(grid.picture), html.escape(f"{grid.embedding_name} steps.png", quote=True)
    opened = attributes(full="", title=f"Steps of {grid.embedding_name}")
    return (
        f'<p class="traintab-steps-links"><a href="{address}" target="_blank"{opened}>Show as one picture</a>'
        f'<a href="{address}" download="{name}">Download the picture</a></p>'
    )


def _notes(grid: GridSnapshot) -> str:
    lines = "".join(f"<li>{html.escape(note)}</li>" for note in grid.notes)
    return f'<ul class="traintab-notes">{lines}</ul>' if lines else ""
