"""One question for the whole page, and only what is new is looked at."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from traintab.drawing import DrawingSnapshot, DrawingState
from traintab.errors import StorageError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.gradio_compat import listen, skip
from traintab.ui.page import Page
from traintab.ui.pulse import AT_REST, AT_WORK, DRAWING, Pulse, now_and_then, seconds_between

from .conftest import FakeStudio


class PulsingPage:
    """A page with two followers; `ask` does what a browser's timer does."""

    def __init__(self, build: Any) -> None:
        self.versions: list[object] = [1, 1]
        self.seconds = AT_REST
        asking = [event.fn for event in build(self._blocks).fns.values() if len(event.outputs) == 4]
        assert len(asking) == 3, "at the load, at each tick, and after the button"
        self._ask = asking[0]
        self.seen: tuple[str, ...] = ()

    def _blocks(self) -> Any:
        pulse = Pulse(lambda: self.seconds)
        with gr.Blocks() as blocks:
            text = gr.Textbox()
            pulse.follow(lambda: self._version(0), lambda: "", None, text)
            pulse.follow(lambda: self._version(1), lambda: "", None, text)
            pulse.after(listen(gr.Button().click, lambda: "", None, text))
            pulse.wire(blocks.load)
        return blocks

    def _version(self, number: int) -> object:
        if isinstance(self.versions[number], Exception):
            raise self.versions[number]
        return self.versions[number]

    def ask(self) -> list[bool]:
        """Whether each follower has news, after whether the pace is another one."""
        seen, pace, *news = self._ask(self.seen)
        self.seen = self.seen if seen == skip() else seen
        return [pace != skip(), *(one != skip() for one in news)]


def test_a_page_that_opens_looks_at_everything_once(build: Any) -> None:
    page = PulsingPage(build)
    assert page.ask() == [True, True, True]
    assert page.ask() == [False, False, False]


def test_only_what_has_changed_is_looked_at(build: Any) -> None:
    page = PulsingPage(build)
    page.ask()
    page.versions[1] = 2
    assert page.ask() == [False, False, True]


def test_the_pace_follows_the_work(build: Any) -> None:
    page = PulsingPage(build)
    page.ask()
    page.seconds = AT_WORK
    assert page.ask() == [True, False, False]
    assert page.ask() == [False, False, False]


@pytest.mark.parametrize(
    "error", [StorageError("The folder is gone."), PermissionError(13, "Permission denied")]
)
def test_what_cannot_be_looked_at_is_news_too_and_stops_nothing_else(build: Any, error: Exception) -> None:
    page = PulsingPage(build)
    page.ask()
    page.versions = [error, 2]
    assert page.ask() == [False, True, True]
    assert page.ask() == [False, False, False]


@pytest.mark.parametrize(
    ("studio_is", "seconds"),
    [
        ({}, AT_REST),
        ({"job": JobSnapshot(status=JobStatus.RUNNING)}, AT_WORK),
        ({"job": JobSnapshot(status=JobStatus.FINISHED)}, AT_REST),
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
