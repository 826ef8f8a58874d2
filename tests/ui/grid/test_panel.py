"""What the buttons of *Compare steps* do, without a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from traintab.configs import GridConfig, LikenessConfig
from traintab.errors import ModelError, NothingToDoError
from traintab.grid_scoring import ScoringSnapshot
from traintab.grids import GridSnapshot, GridState
from traintab.grids.scoring import Recommendation
from traintab.jobs import JobSnapshot, JobStatus
from traintab.training.run_folder import RunFolder
from traintab.ui.grid.actions import compare, continue_from, use
from traintab.ui.grid.panel import _stopped, view
from traintab.ui.page import Page

PARTS = ("seen", "start", "stop", "grid", "actions", "step", "message")


def values_of(page: Page, **changed: Any) -> dict[str, Any]:
    """The fields as they are before anybody touched them."""
    defaults = {**page.grid.options, **page.likeness.options}
    return {
        name: changed.get(name, defaults[name].default) for name in (*page.grid.names, *page.likeness.names)
    }


def looked(studio: Any, seen: dict[str, str] | None = None, chosen: str | None = None) -> dict[str, Any]:
    return dict(zip(PARTS, view(studio)(seen or {}, chosen), strict=True))


@pytest.mark.parametrize(
    ("kind", "asked", "selected", "wanted"),
    [
        ("train", None, "ben", "last"),
        ("train", " mira ", "ben", "mira"),
        ("preprocess", "", "ben", "ben"),
    ],
)
def test_the_embedding_that_was_trained_last_is_compared_unless_another_is_asked_for(
    page: Page, studio: Any, kind: str, asked: str | None, selected: str, wanted: str
) -> None:
    studio.job = JobSnapshot(kind=kind)
    assert compare(page, values_of(page), asked, selected) == ("",)
    assert studio.calls == [("compare", GridConfig(embedding_name=wanted)), ("judge", LikenessConfig())]


def test_the_fields_count_and_are_remembered(page: Page, studio: Any) -> None:
    values = values_of(page, grid_rows="CFG", grid_values="3, 7", likeness_model="owner/clip")
    compare(page, values, "mira", "")
    assert studio.calls[0][1] == GridConfig(embedding_name="mira", grid_rows="CFG", grid_values="3, 7")
    assert studio.calls[1][1] == LikenessConfig(likeness_model="owner/clip")
    assert page.remembered.values("grid")["grid_values"] == "3, 7"
    assert page.remembered.values("likeness") == {"likeness_model": "owner/clip"}


def test_without_any_embedding_it_is_said_what_to_do(page: Page) -> None:
    with pytest.raises(NothingToDoError, match="train an embedding"):
        compare(page, values_of(page), "", None)


def test_a_judge_that_can_not_be_used_is_told_before_anything_is_drawn(page: Page, studio: Any) -> None:
    studio.grid_scoring.refusal = ModelError("Likeness model: there is no folder.")
    with pytest.raises(ModelError):
        compare(page, values_of(page), "mira", "")
    assert studio.calls == []


def test_the_chosen_step_becomes_the_embedding(page: Page, studio: Any) -> None:
    (message,) = use(page)("2000")
    assert studio.calls == [("use_step", 2000)] and "mira is step 2000 of its training now." in message


@pytest.mark.parametrize("choice", [None, "", "x"])
def test_a_step_has_to_be_chosen(page: Page, choice: str | None) -> None:
    for handler in (use(page), continue_from(page)):
        with pytest.raises(NothingToDoError, match="Choose one of the steps"):
            handler(choice)


def test_training_goes_on_from_the_chosen_step(page: Page, studio: Any, grid: GridSnapshot) -> None:
    studio.grids.shown = grid
    message, pending, *_ = continue_from(page)("1000")
    assert studio.calls == [("resume", ("mira", {"from_step": 1000}))] and pending == {}
    assert "Training goes on from step 1000." in message


def test_a_run_goes_on_by_the_name_it_has_not_by_that_of_another_trained_in_it(
    page: Page, studio: Any, grid: GridSnapshot
) -> None:
    assert grid.run is not None
    file = RunFolder(path=grid.run, embedding_name="mira").status_file
    file.parent.mkdir(exist_ok=True)
    file.write_text('{"embedding_name": "mira", "status": "finished"}')
    studio.grids.shown = replace(grid, embedding_name="ben")
    continue_from(page)("1000")
    assert studio.calls == [("resume", ("mira", {"from_step": 1000}))]


def test_no_newer_run_goes_on_in_place_of_the_one_that_is_seen(
    page: Page, studio: Any, grid: GridSnapshot
) -> None:
    studio.grids.shown, studio.resuming.kept = grid, {1000: "2024-02-29/mira-2", 500: "2024-02-29/mira"}
    with pytest.raises(NothingToDoError, match="the newer run 2024-02-29/mira-2, and these pictures are of"):
        continue_from(page)("1000")
    assert studio.calls == []


def test_before_it_goes_on_with_other_pictures_it_asks(page: Page, studio: Any, grid: GridSnapshot) -> None:
    from traintab.training.differences import Difference

    studio.grids.shown = grid
    studio.resuming.different = [Difference(field="pictures", label="Pictures", then="7", now="8")]
    _, pending, box, text, *_ = continue_from(page)("1000")
    assert studio.calls == [] and box["visible"] and "Pictures" in text
    assert pending == {"name": "mira", "from_step": 1000, "changes": {}}


def test_a_browser_that_has_seen_it_all_gets_nothing_anew(studio: Any, grid: GridSnapshot) -> None:
    studio.grids.shown = grid
    first = looked(studio)
    again = looked(studio, first["seen"])
    assert first["grid"].startswith("<div") and not isinstance(again["grid"], str)


def test_steps_can_be_chosen_when_the_grid_is_drawn_and_the_recommended_one_is(
    studio: Any, grid: GridSnapshot, scoring: ScoringSnapshot
) -> None:
    studio.grids.shown, studio.grid_scoring.shown = grid, scoring
    now = looked(studio)
    assert now["actions"]["visible"] and now["step"]["value"] == "2000"
    assert now["step"]["choices"] == [("1,000", "1000"), ("2,000 (recommended)", "2000")]
    assert now["start"]["interactive"] and not now["stop"]["visible"]


@pytest.mark.parametrize(
    ("before", "chosen", "value"),
    [
        (None, "1000", "the user's"),  # chosen before anybody knew which is best
        (1000, "2000", "the user's"),
        (None, None, "2000"),
        (1000, "1000", "2000"),  # only suggested
        (None, "3000", "2000"),  # of a grid that was seen before
    ],
)
def test_scores_that_arrive_leave_the_step_that_the_user_chose(
    studio: Any,
    grid: GridSnapshot,
    scoring: ScoringSnapshot,
    before: int | None,
    chosen: str | None,
    value: str,
) -> None:
    studio.grids.shown = grid
    first = Recommendation(step=before, reason="") if before else None
    studio.grid_scoring.shown = replace(scoring, recommendation=first)
    seen = looked(studio)["seen"]
    studio.grid_scoring.shown = scoring

    step = looked(studio, seen, chosen)["step"]

    assert step["choices"][1] == ("2,000 (recommended)", "2000")
    assert step.get("value", "the user's") == value


def test_what_was_said_is_over_when_a_training_begins_or_ends(studio: Any, grid: GridSnapshot) -> None:
    studio.grids.shown = grid
    seen = looked(studio)["seen"]
    for status, is_over in (
        (JobStatus.RUNNING, True),
        (JobStatus.STOPPING, False),
        (JobStatus.FINISHED, True),
    ):
        studio.job = JobSnapshot(id="1", kind="train", status=status)
        now = looked(studio, seen)
        assert (now["message"] == "") == is_over, status
        assert not isinstance(now["grid"], str), "the grid itself is the same"
        seen = now["seen"]


def test_in_another_grid_the_steps_are_chosen_anew(studio: Any, grid: GridSnapshot) -> None:
    studio.grids.shown = grid
    seen = looked(studio)["seen"]
    studio.grids.shown = replace(grid, number=grid.number + 1)
    assert looked(studio, seen, "1000")["step"]["value"] is None


def test_while_it_is_drawn_it_can_be_stopped_and_not_begun_again(studio: Any, grid: GridSnapshot) -> None:
    studio.grids.shown = replace(grid, state=GridState.DRAWING)
    now = looked(studio)
    assert not now["start"]["interactive"] and now["stop"]["visible"] and not now["actions"]["visible"]


@pytest.mark.parametrize(
    ("state", "wanted"),
    [(GridState.DRAWING, ["stop comparing"]), (GridState.FINISHED, ["stop judging", "stop comparing"])],
)
def test_stop_ends_the_drawing_and_leaves_what_is_drawn_to_be_judged(
    studio: Any, grid: GridSnapshot, state: GridState, wanted: list[str]
) -> None:
    studio.grids.shown = replace(grid, state=state)
    _stopped(studio)()
    assert [what for what, _ in studio.calls] == wanted
