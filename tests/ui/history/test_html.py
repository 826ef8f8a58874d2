"""What is read in the list, in one run and in two; all from files is text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from traintab.run_history import RunStatus, RunSummary
from traintab.training.run_curve import RunCurve
from traintab.ui.history.comparison_html import ComparedRun, comparison_html
from traintab.ui.history.comparison_plot import comparison_plot
from traintab.ui.history.details_html import RunDetails, RunFile, details_html
from traintab.ui.history.list_html import NOTHING_YET, run_choices, runs_html

HOSTILE = '"><img src=x onerror=alert(1)>&'


def text_of(page: str) -> str:
    """What is read of it; fails when a tag isn't closed."""

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("img", "br", "circle", "path", "line", "polyline", "rect"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag in self.open:
                assert self.open.pop() == tag

        def handle_data(self, data: str) -> None:
            self.found.append(data)

    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return " ".join(" ".join(reader.found).split())


def as_it_is(path: Path) -> Path:
    return path


def test_a_row_tells_name_date_steps_status_and_best(summary: RunSummary) -> None:
    text = text_of(runs_html([summary], 1, 1, as_it_is))
    assert "1 run mira 2024-02-29 10:05 Finished" in text
    assert "1,234 of 1,500 steps" in text and "best 0.0912 at step 1,000" in text


def test_without_evaluations_the_loss_is_told(summary: RunSummary) -> None:
    text = text_of(runs_html([replace(summary, best_loss=None, best_step=None)], 1, 1, as_it_is))
    assert "loss 0.1250" in text and "best" not in text


def test_nothing_found_is_not_nothing_there() -> None:
    assert runs_html([], 0, 0, as_it_is) == NOTHING_YET
    assert "No run has this" in runs_html([], 0, 7, as_it_is)


def test_the_count_is_that_of_all_runs_found(summary: RunSummary) -> None:
    assert "1,234 runs" in text_of(runs_html([summary], 1234, 2000, as_it_is))


def test_a_dropdown_offers_runs_by_name_and_time(summary: RunSummary) -> None:
    assert run_choices([summary]) == [("mira · 2024-02-29 10:05", "2024-02-29/mira")]


def test_hostile_names_are_text_everywhere(summary: RunSummary) -> None:
    hostile = replace(summary, name=HOSTILE, place=f"x/{HOSTILE}", model=HOSTILE, error=HOSTILE)
    details = RunDetails(
        run=hostile, settings=[(HOSTILE, HOSTILE)], files=[RunFile(HOSTILE), RunFile(HOSTILE, HOSTILE)]
    )
    compared = ComparedRun(
        run=hostile, curves=RunCurve(losses=((1, 0.5), (2, 0.4))), previews={(1, 1): Path("/x")}
    )
    pages = (
        runs_html([hostile], 1, 1, as_it_is),
        details_html(details),
        comparison_html(compared, compared, [(HOSTILE, HOSTILE, HOSTILE)], "", as_it_is),
        comparison_html(compared, compared, [], HOSTILE, as_it_is),
    )
    for page in pages:
        assert "<img src=x" not in page and HOSTILE in text_of(page)


def test_the_name_of_a_day_s_folder_is_text_too(summary: RunSummary) -> None:
    undated = replace(summary, started=None, place=f"{HOSTILE.replace('/', '')}/mira")
    compared = ComparedRun(run=undated, curves=RunCurve(), previews={})
    pages = (
        runs_html([undated], 1, 1, as_it_is),
        details_html(RunDetails(run=undated)),
        comparison_html(compared, compared, [], "", as_it_is),
    )
    for page in pages:
        assert "<img src=x" not in page and "src=x" in text_of(page)


def test_a_failed_run_tells_why(summary: RunSummary) -> None:
    failed = replace(summary, status=RunStatus.FAILED, error="The disk is full; free some space.")
    text = text_of(details_html(RunDetails(run=failed)))
    assert "Failed" in text and "The disk is full; free some space." in text


def test_details_tell_facts_settings_files_and_the_folder(summary: RunSummary) -> None:
    settings = [("Batch size", "7"), ("Max steps", "1500")]
    page = details_html(RunDetails(run=summary, settings=settings, files=[RunFile("mira-500.pt")]))
    text = text_of(page)
    assert "2 settings differ from the defaults Batch size 7 Max steps 1500" in text
    assert "1 file mira-500.pt" in text and str(summary.path) in text
    assert "Step 1,234 of 1,500" in text and "Best step 1,000" in text


def test_two_runs_stand_side_by_side(summary: RunSummary) -> None:
    other = replace(summary, place="2024-02-29/ben", name="ben", step=50, best_loss=None, best_step=None)
    curve = RunCurve(losses=((1, 0.5), (50, 0.25)), evaluations=((1, 0.4), (50, 0.3)))
    both = [
        ComparedRun(
            run=summary, curves=curve, previews={(10, 1): Path("/x/a.png"), (20, 1): Path("/x/b.png")}
        ),
        ComparedRun(run=other, curves=curve, previews={(20, 1): Path("/x/c.png"), (20, 2): Path("/x/d.png")}),
    ]
    page = comparison_html(both[0], both[1], [("Batch size", "1", "7")], "", as_it_is)
    text = text_of(page)
    assert "Steps 1,234 50" in text and "Best step 1,000 –" in text and "Batch size 1 7" in text
    assert "Step 10 – Step 20 Step 20, picture 2 –" in text
    assert page.count("<svg") == 2 and page.count("<img") == 4
    assert re.findall(r'data-row="(\d)" data-column="(\d)"', page) == [
        ("0", "0"),
        ("1", "0"),
        ("1", "1"),
        ("2", "1"),
    ]


def test_the_same_settings_are_told_to_be_the_same(summary: RunSummary) -> None:
    compared = ComparedRun(run=summary, curves=RunCurve(), previews={})
    assert "same settings" in comparison_html(compared, compared, [], "", as_it_is)


def test_both_curves_lie_on_the_same_axes_within_the_picture() -> None:
    plot = comparison_plot(
        [("mira", [(1, 0.5), (9, 0.1)]), ("ben", [(5, 0.3), (20, 0.2)])], "Loss", smooth=False
    )
    lines = re.findall(r'points="([^"]*)"', plot)
    points = [[tuple(map(float, pair.split(","))) for pair in line.split()] for line in lines]
    assert len(points) == 2
    assert points[0][0][0] == 52 and points[1][1][0] == 640 - 12, (
        "the axis goes from the first step to the last"
    )
    assert all(0 <= y <= 190 for line in points for _, y in line)
    assert points[0][0][1] < points[1][0][1] < points[0][1][1], "a lower loss lies lower"
    assert "mira ends at 0.1000, ben ends at 0.2000" in plot


def test_of_very_many_evaluations_the_best_is_drawn() -> None:
    losses = [(step, 0.1 if step == 1234 else 0.3) for step in range(3000)]
    plot = comparison_plot([("mira", losses), ("ben", [])], "Evaluation loss", smooth=False)
    (line,) = re.findall(r'points="([^"]+)"', plot)
    points = [tuple(map(float, pair.split(","))) for pair in line.split()]
    assert len(points) < 1000
    assert max(points, key=lambda point: point[1])[0] == pytest.approx(52 + 576 * 1234 / 2999, abs=0.06)


def test_curves_of_one_point_are_no_plot() -> None:
    assert comparison_plot([("mira", [(1, 0.5)]), ("ben", [])], "Loss", smooth=True) == ""


def test_a_curve_that_never_changes_is_drawn_all_the_same() -> None:
    assert "polyline" in comparison_plot([("mira", [(1, 0.0), (2, 0.0)]), ("ben", [])], "Loss", smooth=True)
