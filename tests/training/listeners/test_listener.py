"""Listeners are told, and tell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from traintab.training.events import CheckpointSaved, StepCompleted, TrainingEvent, TrainingNotice
from traintab.training.listeners import closed, told

STEP = StepCompleted(step=1, epoch=1, loss=0.5, learning_rate=0.1)
SAVED = CheckpointSaved(step=1, path=Path("x"))


class Echo:
    """Answers one event with another, and remembers what it heard."""

    def __init__(self, question: TrainingEvent | None = None, answer: TrainingEvent | None = None) -> None:
        self.question, self.answer = question, answer
        self.heard: list[TrainingEvent] = []

    def hear(self, event: TrainingEvent, state: Any) -> Iterable[TrainingEvent]:
        self.heard.append(event)
        return [self.answer] if self.answer is not None and event == self.question else []


def test_the_event_comes_first_then_the_answers() -> None:
    saver, silent = Echo(STEP, SAVED), Echo()
    state: Any = None
    assert list(told(STEP, [saver, silent], state)) == [STEP, SAVED]
    assert silent.heard == [SAVED, STEP]


def test_listeners_hear_each_other() -> None:
    notice = TrainingNotice(message="seen")
    saver, watcher = Echo(STEP, SAVED), Echo(SAVED, notice)
    state: Any = None
    assert list(told(STEP, [watcher, saver], state)) == [STEP, SAVED, notice]


class Open:
    """Holds something open."""

    is_open = True

    def hear(self, event: TrainingEvent, state: Any) -> Iterable[TrainingEvent]:
        return ()

    def close(self) -> None:
        self.is_open = False


def test_what_listeners_hold_open_is_closed_however_it_ends() -> None:
    for error in (None, ValueError("a breakdown")):
        held = Open()
        try:
            with closed([held]):
                assert held.is_open
                if error is not None:
                    raise error
        except ValueError as raised:
            assert raised is error
        assert not held.is_open
