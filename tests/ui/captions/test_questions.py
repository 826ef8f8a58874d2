"""The question about a tag that nearly all captions have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from traintab.ui.captions import actions
from traintab.ui.captions.actions import ALL_PICTURES, END
from traintab.ui.captions.desk import Desk
from traintab.ui.captions.questions import KINDS, next_question, question_html, question_updates
from traintab.ui.page import Page

from .conftest import Browser


def shared(browser: Browser, make_folder: Any) -> None:
    captions = dict.fromkeys("abcd", "girl, black shirt")
    browser.open(make_folder(**captions, e="girl, sky"))


def test_a_tag_of_the_concept_is_taken_out_of_every_caption(browser: Browser, make_folder: Any) -> None:
    shared(browser, make_folder)
    assert "<b>girl</b> is in all 5 captions (100%)" in browser.values["question_text"]
    assert "1 more after this one" in browser.values["question_text"]
    browser.act(actions.answered("concept"))
    assert browser.texts[:5] == ["black shirt"] * 4 + ["sky"] and "Removed from 5 captions" in browser.message
    assert 'data-tag="black shirt"' in browser.values["question_text"]


def test_an_accidental_tag_is_added_where_it_lacks_and_not_asked_about_again(
    browser: Browser, make_folder: Any
) -> None:
    shared(browser, make_folder)
    browser.act(actions.skip_question)
    assert "added to the 1 caption without it" in browser.values["question_text"]
    browser.act(actions.answered("accidental"))
    assert browser.texts[4] == "girl, sky, black shirt"
    assert browser.values["question"]["visible"] is False
    before = list(browser.texts)
    browser.act(actions.answered("concept"))
    assert browser.texts == before


def test_an_answer_that_is_taken_back_is_asked_for_again(browser: Browser, make_folder: Any) -> None:
    shared(browser, make_folder)
    browser.act(actions.answered("concept"))
    browser.act(actions.undo)
    assert 'data-tag="girl"' in browser.values["question_text"]
    browser.act(actions.answered("accidental"))
    browser.act(actions.answered("accidental"))
    assert browser.values["question"]["visible"] is False
    browser.act(actions.undo)
    assert browser.values["question"]["visible"] and "black shirt" in browser.values["question_text"]


def test_a_tag_that_was_just_added_to_all_is_not_asked_about(browser: Browser, make_folder: Any) -> None:
    browser.open(make_folder(a="hat", b="sky"))
    browser.act(actions.add_tag, ALL_PICTURES, "Studio, grey wall", END)
    assert browser.values["question"]["visible"] is False
    browser.act(actions.add_tag, ALL_PICTURES, "lamp", END)
    browser.act(actions.rename_tag, ALL_PICTURES, "lamp", "light")
    assert 'data-tag="light"' in browser.values["question_text"]


@pytest.mark.parametrize("field", ["embedding_name", "token_string"])
def test_the_embedding_s_own_word_is_not_asked_about(
    browser: Browser, page: Page, make_folder: Any, field: str
) -> None:
    page.remembered.remember(page.train.section, {field: "Mira"})
    browser.open(make_folder(a="mira, hat", b="mira, hat, sky"))
    assert 'data-tag="hat"' in browser.values["question_text"]
    assert "more after this one" not in browser.values["question_text"]
    browser.act(actions.answered("concept"))
    assert browser.texts[:2] == ["mira", "mira, sky"] and browser.values["question"]["visible"] is False


@pytest.mark.parametrize(
    ("kind", "likely"),
    [("Character", "concept"), ("Object", "concept"), ("Style", "accidental"), (None, None)],
)
def test_the_kind_makes_one_answer_the_first_button_and_no_answer_by_itself(
    make_desk: Callable[..., Desk], kind: str | None, likely: str | None
) -> None:
    desk = make_desk(a="girl", b="girl")
    parts = question_updates(desk, kind)
    primary = {side for side in ("concept", "accidental") if parts[side]["variant"] == "primary"}
    assert primary == ({likely} if likely else set())
    assert desk.editor.unsaved == ()


def test_every_kind_says_why(make_desk: Callable[..., Desk]) -> None:
    question = next_question(make_desk(a="girl", b="girl"))
    assert question is not None
    told = {kind: question_html(question, kind) for kind in (*KINDS, None)}
    assert len(set(told.values())) == 4
    assert "for an object:" in told["Object"] and "for a style:" in told["Style"]
    assert all("subtracted from what the embedding learns" in text for text in told.values())


def test_markup_in_a_tag_is_shown_and_not_obeyed(make_desk: Callable[..., Desk]) -> None:
    question = next_question(make_desk(a="<script>", b="<script>"))
    assert question is not None
    assert "<script>" not in question_html(question, None)
