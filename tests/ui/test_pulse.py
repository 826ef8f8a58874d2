"""One question for the whole page, and only what is new is looked at."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.drawing import DrawingSnapshot, DrawingState
from traintab.errors import StorageError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.gradio_compat import listen
from traintab.ui.page import Page
from traintab.ui.pulse import (
    AT_REST,
    AT_WORK,
    DRAWING,
    LONG_TRAINING,
    TRAINING,
    Part,
    Pulse,
    now_and_then,
    seconds_between,
)

from .conftest import FakeStudio


class PulsingPage:
    """A page with two followers and a part that is shown; `ask` does what a browser's timer does."""

    def __init__(self, build: Any) -> None:
        self.versions: list[object] = [1, 1]
        self.seconds = AT_REST
        self.shown = "first"
        functions = list(build(self._blocks).fns.values())
        asking = [event for event in functions if event.fn and event.inputs and not event.js]
        assert len(asking) == 3, "at the load, at each tick, and after the button"
        assert all(len(event.outputs) == 1 for event in asking), "each output costs, changed or not"
        self._ask = asking[0].fn
        self._seen = ""
        self.values: dict[int, Any] = {}

    def _blocks(self) -> Any:
        pulse = Pulse(lambda: self.seconds)
        with gr.Blocks() as blocks:
            text = gr.Textbox()
            pulse.follow(lambda: self._version(0), lambda: "", None, text)
            pulse.follow(lambda: self._version(1), lambda: "", None, text)
            pulse.show(lambda: [Part(self.shown, lambda: f"<b>{self.shown}</b>")], [gr.HTML()])
            pulse.after(listen(gr.Button().click, lambda: "", None, text))
            pulse.wire(blocks.load)
        return blocks

    def _version(self, number: int) -> object:
        if isinstance(self.versions[number], Exception):
            raise self.versions[number]
        return self.versions[number]

    def ask(self, *, is_lost: bool = False) -> list[int]:
        """The places of the news: the pace is 0, then come followers, then what is shown."""
        answer = self._ask(self._seen)
        if is_lost:
            return []
        news = {int(place): value for place, value in json.loads(answer or "{}").items()}
        self._seen = news.pop(0, self._seen)
        self.values = {place - 1: value for place, value in news.items()}
        return sorted(self.values)


def test_a_page_that_opens_looks_at_everything_once(build: Any) -> None:
    page = PulsingPage(build)
    assert page.ask() == [0, 1, 2, 3]
    assert page.ask() == []


def test_only_what_has_changed_is_looked_at(build: Any) -> None:
    page = PulsingPage(build)
    page.ask()
    page.versions[1] = 2
    assert page.ask() == [2]


def test_what_is_shown_comes_with_the_answer(build: Any) -> None:
    page = PulsingPage(build)
    page.ask()
    assert page.values[3] == "<b>first</b>"
    page.shown = "second"
    assert page.ask() == [3] and page.values[3] == "<b>second</b>"


def test_what_an_answer_told_that_was_lost_on_the_way_is_told_again(build: Any) -> None:
    page = PulsingPage(build)
    page.ask()
    page.versions[0], page.shown = 2, "second"
    page.ask(is_lost=True)
    assert page.ask() == [1, 3]


@given(seen=st.text() | st.lists(st.text()).map(json.dumps))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_a_page_that_says_anything_else_gets_everything(build: Any, seen: str) -> None:
    page = PulsingPage(build)
    page._seen = seen
    assert page.ask() == [0, 1, 2, 3]


def test_the_pace_follows_the_work(build: Any) -> None:
    page = PulsingPage(build)
    page.ask()
    page.seconds = AT_WORK
    assert page.ask() == [0] and page.values[0] == gr.update(value=AT_WORK)
    assert page.ask() == []


@pytest.mark.parametrize(
    "error", [StorageError("The folder is gone."), PermissionError(13, "Permission denied")]
)
def test_what_cannot_be_looked_at_is_news_too_and_stops_nothing_else(build: Any, error: Exception) -> None:
    page = PulsingPage(build)
    page.ask()
    page.versions = [error, 2]
    assert page.ask() == [1, 2]
    assert page.ask() == []


@pytest.mark.parametrize(
    ("studio_is", "seconds"),
    [
        ({}, AT_REST),
        ({"job": JobSnapshot(status=JobStatus.RUNNING)}, AT_WORK),
        ({"job": JobSnapshot(status=JobStatus.RUNNING, total_steps=9)}, TRAINING),
        ({"job": JobSnapshot(status=JobStatus.RUNNING, total_steps=9, eta_seconds=59)}, TRAINING),
        ({"job": JobSnapshot(status=JobStatus.RUNNING, total_steps=9, eta_seconds=61)}, LONG_TRAINING),
        ({"job": JobSnapshot(status=JobStatus.STOPPING, total_steps=9, eta_seconds=61)}, AT_WORK),
        ({"job": JobSnapshot(status=JobStatus.FINISHED, total_steps=9)}, AT_REST),
        ({"model_status": ModelStatus(spec="demo", state=ModelState.LOADING)}, AT_WORK),
        ({"shown": DrawingSnapshot(state=DrawingState.DRAWING)}, DRAWING),
    ],
)
def test_a_page_asks_often_only_while_something_goes_on(
    studio: FakeStudio, page: Page, studio_is: dict[str, object], seconds: float
) -> None:
    for name, value in studio_is.items():
        setattr(studio, name, value)
    assert seconds_between(page.studio) == seconds


def test_a_version_that_costs_something_is_worked_out_once_for_all_pages() -> None:
    asked: list[int] = []
    version = now_and_then(lambda: asked.append(1) or len(asked), seconds=60.0)
    assert [version(), version(), version()] == [1, 1, 1] and len(asked) == 1


def test_after_a_while_it_is_worked_out_again() -> None:
    asked: list[int] = []
    version = now_and_then(lambda: asked.append(1) or len(asked), seconds=0.0)
    assert [version(), version()] == [1, 2]
