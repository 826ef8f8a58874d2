from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import GenerationConfig
from traintab.drawing import DrawingRequest, Drawings, DrawingState
from traintab.errors import BusyError, ConfigError, MemoryShortageError

from .conftest import SECONDS, Painter


def wanted(count: int = 2, **settings: Any) -> DrawingRequest:
    return DrawingRequest(config=GenerationConfig(prompt="cat", seed=0, count=count), **settings)


def test_before_the_first_drawing_there_is_nothing_to_tell(drawings: Drawings) -> None:
    snapshot = drawings.snapshot()

    assert (snapshot.number, snapshot.state, snapshot.pictures) == (0, DrawingState.IDLE, ())
    assert snapshot.fraction is None and not snapshot.state.is_active


def test_a_start_returns_at_once_and_the_snapshot_tells_the_rest(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    first = drawings.start(wanted())
    assert painter.at_first_step.wait(SECONDS)
    under_way = drawings.snapshot()
    painter.go.set()
    settle()
    last = drawings.snapshot()

    assert (first.number, first.kind) == (1, "txt2img")
    assert first.state.is_active and first.config == wanted().config
    assert (under_way.state, under_way.step, under_way.total_steps) == (DrawingState.DRAWING, 1, 4)
    assert (under_way.fraction, under_way.message) == (0.25, "Drawing.")
    assert under_way.notes == ("mira is told of.",)
    assert under_way.eta_seconds is not None and under_way.eta_seconds >= 0
    assert (last.state, last.step, last.message) == (DrawingState.FINISHED, 4, "Drew 2 pictures.")
    assert [(picture.path, picture.seed, picture.infotext) for picture in last.pictures] == [
        (Path("0.png"), 0, "picture 0"),
        (Path("1.png"), 1, "picture 1"),
    ]
    assert last.eta_seconds is None and last.preview is None
    assert first.revision < under_way.revision < last.revision


def test_the_painter_gets_the_embeddings_as_they_are_when_it_begins(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    painter.go.set()
    drawings.start(wanted())
    settle()

    assert painter.embeddings == [{"mira": "vectors"}]


def test_pictures_from_a_picture_are_kept_apart(
    drawings: Drawings, painter: Painter, settle: Callable[[], object], saved: list[tuple[int, str]]
) -> None:
    painter.go.set()
    snapshot = drawings.start(wanted(count=1, image=Image.new("RGB", (8, 8))))
    settle()

    assert snapshot.kind == "img2img"
    assert saved == [(0, "img2img")]


def test_the_last_drawing_stays_to_be_seen_until_the_next(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    painter.go.set()
    drawings.start(wanted(count=1))
    settle()
    before = drawings.snapshot()
    painter.go.clear()
    after = drawings.start(wanted(count=1))
    painter.go.set()

    assert len(before.pictures) == 1
    assert (after.number, after.pictures) == (2, ())
    assert after.revision > before.revision


def test_a_second_start_says_what_is_going_on_and_changes_nothing(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    drawings.start(wanted())
    assert painter.at_first_step.wait(SECONDS)
    with pytest.raises(BusyError, match=r"others are being drawn \(1 of 4 steps\)"):
        drawings.start(wanted())
    painter.go.set()
    settle()

    assert (drawings.snapshot().number, len(painter.requests)) == (1, 1)


def test_wrong_settings_are_refused_before_anything_begins(drawings: Drawings) -> None:
    with pytest.raises(ConfigError, match="Width is 100"):
        drawings.start(DrawingRequest(config=GenerationConfig(width=100)))

    assert drawings.snapshot().number == 0


def test_a_program_that_shuts_down_begins_nothing(
    drawings: Drawings, painter: Painter, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(task: object) -> Any:
        raise BusyError("The task was not started: the program is shutting down.")

    monkeypatch.setattr(drawings, "_means", replace(drawings._means, between=closed))
    with pytest.raises(BusyError, match="shutting down"):
        drawings.start(wanted())
    with pytest.raises(BusyError, match="shutting down"):
        drawings.wait_for(wanted())

    assert drawings.snapshot().number == 0


def test_an_interrupt_keeps_the_finished_pictures(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    drawings.start(wanted())
    assert painter.at_first_step.wait(SECONDS)
    drawings.interrupt()
    stopping = drawings.snapshot()
    painter.go.set()
    settle()
    last = drawings.snapshot()

    assert (stopping.state, stopping.message) == (DrawingState.STOPPING, "Interrupting after this step.")
    assert (last.state, last.message) == (
        DrawingState.INTERRUPTED,
        "Interrupted: 0 of 2 pictures are finished.",
    )


def test_a_drawing_interrupted_before_its_turn_is_never_begun(
    drawings: Drawings, painter: Painter, settle: Callable[[], object], thread: ThreadPoolExecutor
) -> None:
    thread.submit(painter.go.wait, SECONDS)
    waiting = drawings.start(wanted())
    drawings.interrupt()
    painter.go.set()
    settle()

    assert waiting.state is DrawingState.WAITING
    assert drawings.snapshot().state is DrawingState.INTERRUPTED
    assert painter.requests == []


def test_an_interrupt_after_the_end_changes_nothing(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    painter.go.set()
    drawings.start(wanted())
    settle()
    before = drawings.snapshot()
    drawings.interrupt()
    drawings.skip()

    assert drawings.snapshot() == before


def test_a_skip_gives_up_one_picture_only(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    drawings.start(wanted(count=3))
    assert painter.at_first_step.wait(SECONDS)
    drawings.skip()
    skipping = drawings.snapshot()
    painter.go.set()
    settle()
    last = drawings.snapshot()

    assert skipping.message == "Skipping this picture."
    assert [picture.seed for picture in last.pictures] == [1, 2]
    assert (last.state, last.message) == (DrawingState.FINISHED, "Drew 2 pictures; 1 skipped.")


def test_an_error_ends_the_drawing_with_its_sentence_and_the_next_can_begin(
    drawings: Drawings, painter: Painter, settle: Callable[[], object]
) -> None:
    painter.go.set()
    painter.error = MemoryShortageError("Drawing 64 x 64 pixels ran out of memory.")
    drawings.start(wanted())
    settle()
    failed = drawings.snapshot()
    painter.error = None
    drawings.start(wanted())
    settle()

    assert (failed.state, failed.error) == (DrawingState.FAILED, "Drawing 64 x 64 pixels ran out of memory.")
    assert drawings.snapshot().state is DrawingState.FINISHED


def test_an_error_nobody_foresaw_is_a_sentence_too_and_its_traceback_is_logged(
    drawings: Drawings, painter: Painter, settle: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> None:
    painter.go.set()
    painter.error = RuntimeError("shapes differ")
    drawings.start(wanted())
    settle()

    assert "unexpected error (RuntimeError: shapes differ)" in drawings.snapshot().error
    assert "Traceback" in caplog.text


def test_who_waits_gets_the_pictures_unsaved_and_the_page_is_not_told(
    drawings: Drawings, painter: Painter, saved: list[tuple[int, str]]
) -> None:
    painter.go.set()
    steps: list[tuple[int, int]] = []
    pictures = drawings.wait_for(wanted(), lambda done, total: steps.append((done, total)))

    assert [picture.seed for picture in pictures] == [0, 1]
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert saved == [] and drawings.snapshot().number == 0


def test_who_waits_gets_the_error(drawings: Drawings, painter: Painter) -> None:
    painter.go.set()
    painter.error = MemoryShortageError("Too little memory.")
    with pytest.raises(MemoryShortageError, match="Too little memory"):
        drawings.wait_for(wanted())


def test_an_interrupt_ends_what_somebody_waits_for(drawings: Drawings, painter: Painter) -> None:
    with ThreadPoolExecutor(1) as caller:
        waiting = caller.submit(drawings.wait_for, wanted())
        assert painter.at_first_step.wait(SECONDS)
        drawings.interrupt()
        painter.go.set()
        assert waiting.result(SECONDS) == []
