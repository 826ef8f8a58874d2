"""The checkpoint grid as a table: what is told of it, and what can be pressed."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from traintab.grid_scoring import ScoringSnapshot
from traintab.grids import GridRow, GridSnapshot, GridState
from traintab.grids.scoring import StepScores
from traintab.ui.grid.grid_html import grid_html, recommended_step

NO_SCORES = ScoringSnapshot()


def html_of(grid: GridSnapshot, scoring: ScoringSnapshot = NO_SCORES) -> str:
    return grid_html(grid, scoring, lambda path: path)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_before_the_first_grid_nothing_is_seen() -> None:
    assert html_of(GridSnapshot()) == ""


def test_every_picture_opens_with_its_step_seed_and_prompt(grid: GridSnapshot) -> None:
    page = html_of(grid)
    assert page.count("<img") == 8 and page.count("data-full") == 9  # and the labelled picture
    assert 'data-text="a photo of mira"' in page and 'data-note="seed 8"' in page
    assert 'alt="Step 1,000, seed 7"' in page


def test_the_keys_stay_in_a_row_of_one_seed(grid: GridSnapshot) -> None:
    rows = re.findall(r'data-row="([\d.]+)" data-column="(\d)"', html_of(grid))
    assert [row for row, column in rows if column == "0"] == ["0.7", "0.8", "1.7", "1.8"]
    assert {column for _, column in rows} == {"0", "1"}


def test_what_is_not_drawn_yet_has_its_place(grid: GridSnapshot) -> None:
    page = html_of(replace(grid, state=GridState.DRAWING, cells=grid.cells[:3], picture=None))
    assert page.count("<img") == 3 and page.count("<i></i>") == 5


def test_while_it_is_drawn_progress_is_told_and_nothing_can_be_pressed(grid: GridSnapshot) -> None:
    drawing = replace(
        grid,
        state=GridState.DRAWING,
        cells=grid.cells[:2],
        message="Drawing picture 3 of 8.",
        eta_seconds=42.0,
    )
    page = html_of(drawing)
    assert "Drawing picture 3 of 8. About 42 s left." in text_of(page) and "width: 25%" in page
    assert "<button" not in page


def test_the_recommended_step_is_marked_with_its_reason(grid: GridSnapshot, scoring: ScoringSnapshot) -> None:
    page = html_of(grid, scoring)
    assert "Step 2,000 is recommended. Its likeness is the highest." in text_of(page)
    assert re.search(r'<th scope="col" class="traintab-steps-chosen"><span>Step 2,000</span>', page)
    assert recommended_step(grid, scoring) == 2000 and 'data-judged="1"' in page


def test_scores_of_another_grid_are_not_shown(grid: GridSnapshot, scoring: ScoringSnapshot) -> None:
    old = replace(scoring, grid=2)
    assert "Likeness" not in html_of(grid, old) and recommended_step(grid, old) is None


def test_the_best_value_of_each_score_stands_out(grid: GridSnapshot, scoring: ScoringSnapshot) -> None:
    page = html_of(grid, scoring)
    for best in ("0.750", "0.500", "0.1000"):  # likeness and diversity high, evaluation loss low
        assert f"<b>{best}</b>" in page
    assert "<b>0.250</b>" not in page and "<b>0.2000</b>" not in page


def test_where_all_steps_are_equal_none_stands_out(grid: GridSnapshot) -> None:
    equal = ScoringSnapshot(grid=3, scores=dict.fromkeys((1000, 2000), StepScores(obedience=1.0)))
    page = html_of(grid, equal)
    assert page.count("1.000") == 2 and "<b>1.000" not in page


def test_a_score_that_nobody_knows_has_no_row(grid: GridSnapshot, scoring: ScoringSnapshot) -> None:
    page = html_of(grid, scoring)
    assert "Obedience" not in page and "Diversity" in page


def test_a_step_that_was_not_judged_has_a_dash(grid: GridSnapshot, scoring: ScoringSnapshot) -> None:
    page = html_of(grid, replace(scoring, scores={1000: StepScores(likeness=0.25)}, recommendation=None))
    assert "Likeness 0.250 –" in text_of(page)


def test_a_loss_that_is_no_number_has_a_dash_and_hides_no_other(
    grid: GridSnapshot, scoring: ScoringSnapshot
) -> None:
    losses = {1000: StepScores(evaluation_loss=math.nan), 2000: StepScores(evaluation_loss=0.1)}
    page = html_of(grid, replace(scoring, scores=losses, recommendation=None))
    assert "Evaluation loss – 0.1000" in text_of(page) and "nan" not in page


def test_it_is_said_who_judged(grid: GridSnapshot, scoring: ScoringSnapshot) -> None:
    assert "Judged by cosine in dinov2-base" in text_of(html_of(grid, scoring))


def test_each_step_can_be_used_and_continued_from(grid: GridSnapshot) -> None:
    page = html_of(grid)
    pressed = re.findall(r'data-press="(\w+)" data-step="(\d+)"', page)
    assert pressed == [(f"ti_grid_{what}", step) for step in ("1000", "2000") for what in ("use", "continue")]


def test_a_grid_of_an_earlier_start_tells_how_it_gets_its_scores(grid: GridSnapshot) -> None:
    hint = "Compare steps with the same settings judges these pictures, too; none is drawn anew."
    assert hint in html_of(grid) and hint in html_of(replace(grid, number=0))
    assert hint not in html_of(grid, ScoringSnapshot(grid=3, is_active=True))


def test_judging_tells_how_far_it_is(grid: GridSnapshot) -> None:
    judging = ScoringSnapshot(grid=3, is_active=True, message="Comparing the pictures.", done=4, total=20)
    page = html_of(grid, judging)
    assert "Comparing the pictures. Looked at 4 of 20 pictures." in text_of(page) and "width: 20%" in page
    assert 'data-judged="0"' in page


def test_the_labelled_picture_can_be_shown_and_downloaded(grid: GridSnapshot) -> None:
    page = html_of(grid)
    assert "Show as one picture" in page and 'download="mira steps.png"' in page
    assert "Download" not in html_of(replace(grid, picture=None))


@pytest.mark.parametrize("error_of", ["grid", "scoring"])
def test_what_went_wrong_is_told(grid: GridSnapshot, error_of: str) -> None:
    if error_of == "grid":
        page = html_of(
            replace(grid, state=GridState.FAILED, error="The disk is <full>.", columns=(), rows=())
        )
    else:
        page = html_of(grid, ScoringSnapshot(grid=3, error="The disk is <full>."))
    assert 'role="alert">The disk is &lt;full&gt;.' in page


def test_hostile_names_and_prompts_are_text(grid: GridSnapshot) -> None:
    evil = '"><script>alert(1)</script>'
    page = html_of(
        replace(
            grid,
            embedding_name=evil,
            rows=(GridRow(title=evil, prompt=evil),) * 2,
            notes=(evil,),
            message=evil,
            run=Path("/runs") / "2024" / "<b>mira",
        )
    )
    assert "<script" not in page and "<b>mira" not in page
