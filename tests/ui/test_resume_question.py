"""The question before a run goes on otherwise than it began."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.errors import NothingToDoError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.training.differences import Difference
from traintab.ui.kept_steps import chosen_step, kept_choices
from traintab.ui.page import Page
from traintab.ui.resume_question import answered, asked, question_html

RATE = Difference(field="learning_rate", label="Learning rate", then="0.005", now="0.001")
PICTURES = Difference(field="pictures", label="Pictures", then="2", now="3 (added: <c>.png)")
VALUES = {"embedding_name": "mira", "learning_rate": "0.001"}


@pytest.fixture
def interrupted(studio: Any) -> Any:
    """A studio whose last job can go on."""
    studio.job = JobSnapshot(kind="train", status=JobStatus.INTERRUPTED, resumable=True)
    return studio


def test_where_nothing_has_changed_resume_goes_on_at_once(page: Page, interrupted: Any) -> None:
    _, pending, box, *_ = asked(page, VALUES)
    assert interrupted.calls == [("resume", ("last", {}))]
    assert pending == {}
    assert box["visible"] is False


def test_the_settings_on_the_page_are_compared_only_with_a_run_of_the_embedding_selected_there(
    page: Page, interrupted: Any
) -> None:
    asked(page, VALUES)
    assert interrupted.resuming.asked_about == ("last", {"from_step": None, "changes": {}})
    asked(page, {**VALUES, "embedding_name": "last"})
    name, details = interrupted.resuming.asked_about
    assert name == "last"
    assert (
        details["changes"].items() >= {"learning_rate": "0.001", "model": "demo", "vae": "Automatic"}.items()
    )


def test_after_another_job_resume_is_about_the_embedding_that_is_selected(page: Page, studio: Any) -> None:
    studio.job = JobSnapshot(kind="preprocess", status=JobStatus.FINISHED)
    asked(page, VALUES)
    assert studio.calls == [("resume", ("mira", {}))]


def test_what_has_changed_is_shown_before_anything_is_done(page: Page, studio: Any) -> None:
    studio.resuming.different = [RATE, PICTURES]
    _, pending, box, text, as_it_was, by_new = asked(page, VALUES)
    assert studio.calls == []
    assert (pending["name"], pending["changes"]["learning_rate"]) == ("mira", "0.001")
    assert box["visible"] is True and by_new["visible"] is True
    assert as_it_was["value"] == "Go on as it was"
    assert "<td>Learning rate</td><td>0.005</td><td>0.001</td>" in text


def test_where_only_pictures_have_changed_there_are_no_settings_to_choose_between(
    page: Page, studio: Any
) -> None:
    studio.resuming.different = [PICTURES]
    *_, as_it_was, by_new = asked(page, VALUES)
    assert (as_it_was["value"], by_new["visible"]) == ("Go on", False)


@pytest.mark.parametrize(
    ("choice", "call"),
    [
        ("as_it_was", ("resume", ("mira", {"from_step": 500}))),
        ("by_new_settings", ("resume", ("mira", {"from_step": 500, "changes": {"steps": 9}}))),
        ("anew", ("train", ("mira", {"from_step": 500, "changes": {"steps": 9}}))),
    ],
)
def test_the_answer_is_done_and_the_question_goes_away(
    page: Page, studio: Any, choice: str, call: tuple[str, Any]
) -> None:
    pending = {"name": "mira", "from_step": 500, "changes": {"steps": 9}}
    _, box = answered(page, choice)(pending)
    assert studio.calls == [call]
    assert box["visible"] is False


def test_names_of_files_are_no_markup() -> None:
    assert "&lt;c&gt;.png" in question_html([PICTURES])


def test_a_kept_step_is_continued_from(page: Page, interrupted: Any) -> None:
    (newest, kept) = kept_choices(page, "mira")["choices"]
    assert (newest, kept) == ("1000 · 2024-02-29/mira", "500 · 2024-02-29/mira")
    asked(page, VALUES, kept)
    assert interrupted.calls == [("resume", ("mira", {"from_step": 500}))]


def test_an_embedding_without_runs_has_no_kept_steps(page: Page) -> None:
    assert kept_choices(page, "ben")["choices"] == []
    assert kept_choices(page, None)["choices"] == []


@pytest.mark.parametrize("choice", [None, "", "· 2024"])
def test_without_a_step_there_is_a_sentence(choice: str | None) -> None:
    with pytest.raises(NothingToDoError, match="Choose the step to continue from"):
        chosen_step(choice)
