from __future__ import annotations

import io

import pytest

from traintab.commands.progress import CurrentLine, Progress, duration


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (75, "1 min 15 s"), (4000, "1 h 6 min")]
)
def test_a_duration_is_told_in_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def run(stream: io.StringIO, *, steps: int, seconds: float) -> Progress:
    clock = Clock()
    progress = Progress(stream, total=steps, now=clock)
    for step in range(1, steps + 1):
        clock.seconds += seconds
        progress.step(step, 0.25)
    return progress


def test_where_nobody_watches_a_line_comes_now_and_then() -> None:
    stream = io.StringIO()
    run(stream, steps=20, seconds=1.0)
    lines = stream.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == ["5/20", "10/20", "15/20", "20/20"]
    assert lines[0] == "step 5/20  loss 0.2500  1 s/step  ETA 15 s"


def test_the_last_step_is_always_told() -> None:
    stream = io.StringIO()
    run(stream, steps=3, seconds=0.01)
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == ["3/3"]


def test_a_terminal_keeps_one_line_current() -> None:
    stream = Terminal()
    progress = run(stream, steps=3, seconds=1.0)
    progress.close()
    assert stream.getvalue().count("\r") == 3
    assert stream.getvalue().count("\n") == 1
    assert "3/3" in stream.getvalue().rpartition("\r")[2]


def test_a_note_gets_a_line_of_its_own_and_its_time_is_no_steps() -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, total=10, now=clock)
    clock.seconds = 1.0
    progress.step(1)
    clock.seconds = 60.0
    progress.note("Saved.")
    clock.seconds = 61.0
    progress.step(2)
    assert "\nSaved.\n" in stream.getvalue()
    assert "1 s/step" in progress.text()


def test_a_resumed_run_counts_its_own_steps_only() -> None:
    clock = Clock()
    progress = Progress(io.StringIO(), total=110, start=100, now=clock)
    clock.seconds = 2.0
    progress.step(101)
    assert progress.text() == "step 101/110  2 s/step  ETA 18 s"


def test_a_loss_that_was_not_read_leaves_the_last_one() -> None:
    progress = Progress(io.StringIO(), total=2)
    progress.step(1, 0.5)
    progress.step(2, None)
    assert "loss 0.5000" in progress.text()


def test_a_line_that_is_not_due_yet_waits() -> None:
    clock, stream = Clock(), io.StringIO()
    line = CurrentLine(stream, now=clock)
    assert not line.is_due()
    clock.seconds = 5.0
    assert line.is_due()
    line.show("a")
    assert not line.is_due()


def test_a_note_stands_above_the_current_line() -> None:
    stream = Terminal()
    line = CurrentLine(stream)
    line.show("half done")
    line.note("by the way")
    line.show("done")
    line.close()
    line.close()
    assert stream.getvalue() == "\rhalf done\nby the way\n\rdone\n"


def test_the_newest_evaluation_is_shown_and_its_time_is_no_steps() -> None:
    clock = Clock()
    progress = Progress(io.StringIO(), total=9, now=clock)
    for step in (1, 2, 3):
        clock.seconds += 2
        progress.step(step, 0.25)
    clock.seconds += 100
    progress.evaluated(0.125)
    clock.seconds += 2
    progress.step(4, 0.25)
    assert progress.text() == "step 4/9  loss 0.2500  evaluation 0.1250  2 s/step  ETA 10 s"
