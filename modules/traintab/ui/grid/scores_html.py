"""The scores of the steps, as the last rows of the grid's table, and what they mean."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...grid_scoring import ScoringSnapshot
from ...grids.scoring import StepScores

__all__ = ["meanings_html", "scores_html"]


@dataclass(frozen=True, kw_only=True)
class _Score:
    """One row: a field of `StepScores`; `meaning` explains it in a sentence or two."""

    field: str
    label: str
    meaning: str
    higher_is_better: bool = True
    digits: int = 3


_SCORES = (
    _Score(
        field="likeness",
        label="Likeness",
        meaning="How alike the pictures are to the training pictures; higher is more alike.",
    ),
    _Score(
        field="evaluation_loss",
        label="Evaluation loss",
        meaning="The loss on the run's fixed noisy pictures; lower is better learned. Above 0.3 is poor,"
        " below 0.15 is stable.",
        higher_is_better=False,
        digits=4,
    ),
    _Score(
        field="diversity",
        label="Diversity",
        meaning="How much another seed changes the picture. Low means the same face and clothes in every"
        " seed: learned by heart, overfitted.",
    ),
    _Score(
        field="obedience",
        label="Obedience",
        meaning="Whether what else the prompt asks for is drawn. Where no judge reads words, it is how much"
        " another prompt changes the picture of the same seed.",
    ),
)


def scores_html(scoring: ScoringSnapshot, steps: Sequence[int], *, recommended: int | None) -> str:
    """A row for each score that is known of some step; the best value of each is marked."""
    rows = (_row(score, scoring, steps, recommended) for score in _SCORES if _is_known(score, scoring))
    return "".join(rows)


def meanings_html(scoring: ScoringSnapshot) -> str:
    """A folded list of what the scores mean, and in what likeness was measured."""
    known = [score for score in _SCORES if _is_known(score, scoring)]
    if not known:
        return ""
    lines = "".join(f"<dt>{score.label}</dt><dd>{html.escape(score.meaning)}</dd>" for score in known)
    by = f"<dt>Judged by</dt><dd>{html.escape(scoring.name)}</dd>" if scoring.name else ""
    return (
        '<details class="traintab-steps-meanings"><summary>What the scores mean</summary>'
        f"<dl>{lines}{by}</dl></details>"
    )


def _is_known(score: _Score, scoring: ScoringSnapshot) -> bool:
    return any(_value(score, one) is not None for one in scoring.scores.values())


def _value(score: _Score, scores: StepScores | None) -> float | None:
    value: float | None = getattr(scores, score.field, None)
    return value if value is not None and math.isfinite(value) else None


def _row(score: _Score, scoring: ScoringSnapshot, steps: Sequence[int], recommended: int | None) -> str:
    values = [_value(score, scoring.scores.get(step)) for step in steps]
    known = [value for value in values if value is not None]
    best = max(known) if score.higher_is_better else min(known)
    cells = []
    for step, value in zip(steps, values, strict=True):
        text = "–" if value is None else f"{value:.{score.digits}f}"
        shown = f"<b>{text}</b>" if value == best and len(set(known)) > 1 else text
        chosen = ' class="traintab-steps-chosen"' if step == recommended else ""
        cells.append(f"<td{chosen}>{shown}</td>")
    title = f'<th scope="row" title="{html.escape(score.meaning, quote=True)}">{score.label}</th>'
    return f'<tr class="traintab-steps-score">{title}{"".join(cells)}</tr>'
