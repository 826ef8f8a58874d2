from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.errors import ScheduleError
from traintab.schedules.learning_rate import Schedule

Segments = list[tuple[float, int, int]]


def segments(text: str, max_steps: int = 1000) -> Segments:
    return [(part.rate, part.start, part.end) for part in Schedule.parse(text, max_steps=max_steps).segments]


# What A1111's parser was seen to do with Max steps 1000.
A1111: list[tuple[str, Segments]] = [
    ("0.005", [(0.005, 0, 1000)]),
    ("0.005:100", [(0.005, 0, 100)]),
    ("0.005:100, 1e-3:1000, 1e-5", [(0.005, 0, 100), (0.001, 100, 1000)]),
    ("0.005:100, 1e-3:1000, 1e-5:-1", [(0.005, 0, 100), (0.001, 100, 1000)]),
    ("0.005:100, 1e-3", [(0.005, 0, 100), (0.001, 100, 1000)]),
    ("0.005:100, 1e-3:-1", [(0.005, 0, 100), (0.001, 100, 1000)]),
    ("0.005:100,0.001:50", [(0.005, 0, 100), (0.001, 100, 101)]),
    ("0.005:5000, 1e-3:10000", [(0.005, 0, 1000)]),
    ("0.1:0,0.2:100", [(0.2, 0, 100)]),
    ("0.005:100,,1e-3:200", [(0.005, 0, 100), (0.001, 100, 200)]),
    (" 5E-3 : 100 , .001 ", [(0.005, 0, 100), (0.001, 100, 1000)]),
]


@pytest.mark.parametrize(("text", "expected"), A1111)
def test_segments_are_those_of_a1111(text: str, expected: Segments) -> None:
    assert segments(text) == expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("   ", 0),
        (",", 0),
        ("abc", 0),
        ("0.1:", 4),
        ("0.1:x", 4),
        (":100", 0),
        ("1e-3:-5", 5),
        ("0.005:1e3", 7),
        ("0.005;0.001", 5),
        ("0.005:100, 1e-3:20.5", 18),
        ("5e-3:100, O.001", 10),
        ("0.005 0.001", 5),
        ("0.1:100:5", 7),
        ("-0.1", 0),
        ("0.1:10, nan", 8),
        ("inf", 0),
        ("1e999", 0),
        ("0", 0),
        ("0.0:10", 0),
        ("0.1:0", 0),
        ("0.1:99999999999999999999", 19),
        ("0,005", 0),
        ("5e", 1),
        ("0.1:१", 4),
    ],
)
def test_the_message_points_at_the_character(text: str, position: int) -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse(text, max_steps=1000)
    sentence, shown, caret = str(caught.value).split("\n")
    assert caught.value.position == position
    assert shown == text
    assert caret.index("^") == position
    assert f"character {position + 1}" in sentence
    assert "such as 5e-3:100" in sentence


def test_a_line_break_in_the_text_doesnt_move_the_caret() -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse("0.1:5,\n\tx", max_steps=10)
    assert str(caught.value).split("\n")[1:] == ["0.1:5,  x", "        ^"]


def test_an_endless_text_is_refused_without_being_shown_in_full() -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse("1," * 100_000, max_steps=10)
    assert len(str(caught.value)) < 10_000


def test_the_rate_changes_when_the_step_is_completed() -> None:
    schedule = Schedule.parse("5e-3:2, 1e-3:4", max_steps=10)
    assert [schedule.at(step) for step in range(6)] == [5e-3, 5e-3, 1e-3, 1e-3, None, None]
    assert schedule.end_step == 4


def test_a_run_continued_past_an_entry_uses_the_next_one() -> None:
    assert Schedule.parse("5e-3:100, 1e-3", max_steps=1000).at(600) == 1e-3


def test_a_schedule_that_lies_behind_is_exhausted() -> None:
    assert Schedule.parse("0.005:100, 1e-3:500", max_steps=1000).at(600) is None


@given(
    st.lists(st.tuples(st.floats(1e-8, 10), st.integers(0, 50)), min_size=1, max_size=5),
    st.integers(1, 40),
)
def test_segments_follow_each_other_from_zero_and_stay_within_the_run(
    entries: list[tuple[float, int]], max_steps: int
) -> None:
    text = ", ".join(f"{rate!r}:{step}" for rate, step in entries)
    if all(step == 0 for _, step in entries):
        with pytest.raises(ScheduleError):
            Schedule.parse(text, max_steps=max_steps)
        return
    schedule = Schedule.parse(text, max_steps=max_steps)
    ends = [part.end for part in schedule.segments]
    assert [part.start for part in schedule.segments] == [0, *ends[:-1]]
    assert schedule.end_step <= max_steps
    assert [schedule.at(step) is None for step in range(max_steps)] == [
        step >= schedule.end_step for step in range(max_steps)
    ]


@given(st.text(alphabet="0123456789.e-+:, x", max_size=30))
def test_any_text_is_a_schedule_or_a_schedule_error(text: str) -> None:
    try:
        Schedule.parse(text, max_steps=100)
    except ScheduleError as error:
        assert 0 <= error.position <= len(text)
