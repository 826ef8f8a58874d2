from __future__ import annotations

from itertools import pairwise

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
    ("0.005:5000, 1e-3:10000", [(0.005, 0, 1000)]),
    ("0.1:0,0.2:100", [(0.2, 0, 100)]),
    ("0.005:100,,1e-3:200", [(0.005, 0, 100), (0.001, 100, 200)]),
    (" 5E-3 : 100 , .001 ", [(0.005, 0, 100), (0.001, 100, 1000)]),
    ("0.005:-1:", [(0.005, 0, 1000)]),
    ("0.005:1", [(0.005, 0, 1)]),
]

# What guides write and A1111 refuses, or reads as something that nobody means.
GUIDES: list[tuple[str, Segments]] = [
    # A1111 refuses the point: here a step below 1 is a share of Max steps.
    ("0.1:0.25, 0.01:.5, 0.001", [(0.1, 0, 250), (0.01, 250, 500), (0.001, 500, 1000)]),
    ("0.1:25%, 0.01:50 %, 0.001:100%", [(0.1, 0, 250), (0.01, 250, 500), (0.001, 500, 1000)]),
    ("0.1:12.5%, 0.01", [(0.1, 0, 125), (0.01, 125, 1000)]),
    ("0.1:0.0001, 0.01", [(0.1, 0, 1), (0.01, 1, 1000)]),
    # A1111 reads these as `0.005:1`, then a rate of 000 or 500: here the comma belongs to the step.
    ("0.005:1,000", [(0.005, 0, 1000)]),
    ("0.005:500,1e-3:1,000,1e-4", [(0.005, 0, 500), (0.001, 500, 1000)]),
    ("0.005:1,500, 1e-3:10,000", [(0.005, 0, 1000)]),
    ("0.005:1,000:20, 1e-3", []),
    ("0.05:10, 0.02:20, 0.00000025:-1:", [(0.05, 0, 10), (0.02, 10, 20), (0.00000025, 20, 1000)]),
]


@pytest.mark.parametrize(("text", "expected"), A1111)
def test_segments_are_those_of_a1111(text: str, expected: Segments) -> None:
    assert segments(text) == expected


@pytest.mark.parametrize(("text", "expected"), GUIDES)
def test_what_guides_write_is_understood(text: str, expected: Segments) -> None:
    if expected:
        assert segments(text) == expected
    else:
        with pytest.raises(ScheduleError, match="above 0, not 000"):
            segments(text)


# What A1111 was seen to take, and we don't.
REFUSED_HERE = {
    "0.1:100:5": "there 0.1 to the end: nobody knows which of the two steps was meant",
    "-0.1": "there the vectors go away from the pictures",
    "nan": "there every vector is NaN after a step",
    "0.1:-1:5": "as with two steps",
    "0.005, abc": "there what follows a rate to the end is never read: here a slip of the pen is told",
    "0.005:-1, abc": "as without a step",
    "0.005:5000, abc": "there nothing is read behind a step above Max steps",
}


@pytest.mark.parametrize("text", REFUSED_HERE)
def test_what_a1111_takes_without_any_use_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        segments(text)


def test_falling_steps_are_refused_though_a1111_trains_one_step_with_the_second_rate() -> None:
    """There `0.005:100, 0.001:50` ends the run at step 101: nobody means that by it."""
    with pytest.raises(ScheduleError, match="a step above 100, where the rate before ends") as caught:
        segments("0.005:100, 0.001:50")
    assert caught.value.position == 17


@pytest.mark.parametrize(
    ("text", "rate"),
    [("0.005", 0.005), (" 5e-3 ", 0.005), ("0.005,", 0.005), ("0.005:-1", None), ("0.005:100, 0.001", None)],
)
def test_a_text_of_nothing_but_a_rate_is_known(text: str, rate: float | None) -> None:
    assert Schedule.parse(text, max_steps=1000).single_rate == rate


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
        ("0.1:10, 0.2:10", 12),
        ("0.1:10, 0.2:0", 12),
        ("0.1:50%, 0.2:400", 13),
        ("0.1:5000, 0.2:100", 14),
        ("0.1:0%", 4),
        ("0.1:0.0", 4),
        ("0.1:101%", 4),
        ("0.1:1.0", 5),
        ("0.1:1.5", 5),
        ("0.1:2.5e-1", 5),
        ("0.1:1000%", 4),
        ("0.1:100:", 7),
        ("0.1:100:, 0.2", 7),
        ("0.1:-1:5", 6),
        ("0.1:10,00", 7),
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
    ends = [step for _, step in entries]
    while ends and ends[0] == 0:
        ends.pop(0)
    if not ends or any(later <= earlier for earlier, later in pairwise(ends)):
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


@given(st.text(alphabet="0123456789.e-+:, %x", max_size=30))
def test_any_text_is_a_schedule_or_a_schedule_error(text: str) -> None:
    try:
        Schedule.parse(text, max_steps=100)
    except ScheduleError as error:
        assert 0 <= error.position <= len(text)
