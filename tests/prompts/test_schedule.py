from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.prompts.schedule import ScheduledPrompt, parse_schedule

# Recorded from A1111's parser with 10 steps.
A1111 = [
    ("test", [(10, "test")]),
    ("", [(10, "")]),
    ("a [b:3]", [(3, "a "), (10, "a b")]),
    ("a [b: 3]", [(3, "a "), (10, "a b")]),
    ("[a:b: 3 ] z", [(3, "a z"), (10, "b z")]),
    ("a [[[b]]:2]", [(2, "a "), (10, "a [[b]]")]),
    ("[(a:2):3]", [(3, ""), (10, "(a:2)")]),
    ("[(a:1.2):b:4]", [(4, "(a:1.2)"), (10, "b")]),
    ("a [b : c : 1] d", [(1, "a b  d"), (10, "a  c  d")]),
    ("a[b:[c:d:2]:1]e", [(1, "abe"), (2, "ace"), (10, "ade")]),
    ("(a:[b:c:3])", [(3, "(a:b)"), (10, "(a:c)")]),
    ("x [a::3] y", [(3, "x a y"), (10, "x  y")]),
    ("[::3]", [(3, ""), (10, "")]),
    ("[a: :3]", [(3, "a"), (10, " ")]),
    ("[a:\nb:3]", [(3, "a"), (10, "\nb")]),
    ("[a:3:5]", [(5, "a"), (10, "3")]),
    ("[a:b:3]:c", [(3, "a:c"), (10, "b:c")]),
    ("a [b:.5] c", [(5, "a  c"), (10, "a b c")]),
    ("[a:b:1]", [(1, "a"), (10, "b")]),
    ("[a:b:1.0]", [(10, "a")]),
    ("[a:b:2.5]", [(10, "a")]),
    ("[a:b:1e1]", [(10, "a")]),
    ("[a:b:0]", [(10, "b")]),
    ("[a:b:-1]", [(10, "b")]),
    ("[a|(b:1.1)]", [(step, "(b:1.1)" if step % 2 == 0 else "a") for step in range(1, 11)]),
    ("[fe|]male", [(step, "male" if step % 2 == 0 else "female") for step in range(1, 11)]),
    ("[fe|||]male", [(step, "female" if step % 4 == 1 else "male") for step in range(1, 11)]),
    ("[|a]", [(step, "a" if step % 2 == 0 else "") for step in range(1, 11)]),
    ("[[a|b]:3]", [(step, "" if step < 4 else "ba"[step % 2]) for step in range(1, 11)]),
]
# Recorded too: what A1111 leaves as it is written.
UNCHANGED = [
    "a [unbalanced",
    "a (b:1.2), [c], \\[d:3\\]",
    "()",
    "[]",
    "[a:b:3",
    "[a:b:c:3]",
    "[a:b]",
    "[<a:b:3>]",
    "[a:b:5|c]",
    "[a|b:3]",
    "a | b [c:3]",
    "a [{b|d{:.5] c",
    "[b:3] end\\",
    "[b:3] \\\n",
]


@pytest.mark.parametrize(("prompt", "expected"), A1111)
def test_the_texts_and_steps_are_those_of_a1111(prompt: str, expected: list[tuple[int, str]]) -> None:
    assert parse_schedule(prompt, 10) == expected


@pytest.mark.parametrize("prompt", UNCHANGED)
def test_what_a1111_leaves_as_it_is_written_stays(prompt: str) -> None:
    assert parse_schedule(prompt, 10) == [ScheduledPrompt(10, prompt)]


def test_a_schedule_between_unbalanced_brackets_still_counts() -> None:
    assert parse_schedule("((a][:b:c [d:3]", 10) == [(3, "((a][:b:c "), (10, "((a][:b:c d")]


def test_an_escaped_bracket_or_colon_is_a_character() -> None:
    assert parse_schedule(r"[a\:\]b:3]", 10) == [(3, ""), (10, r"a\:\]b")]


def test_a_landscape_with_everything_in_it() -> None:
    prompt = (
        "fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75]"
        "[ in foreground::0.6][ in background:0.25] [shoddy:masterful:0.5]"
    )

    assert parse_schedule(prompt, 100) == [
        (25, "fantasy landscape with a mountain and an oak in foreground shoddy"),
        (50, "fantasy landscape with a lake and an oak in foreground in background shoddy"),
        (60, "fantasy landscape with a lake and an oak in foreground in background masterful"),
        (75, "fantasy landscape with a lake and an oak in background masterful"),
        (100, "fantasy landscape with a lake and a christmas tree in background masterful"),
    ]


def test_a_number_too_large_for_a_float_is_the_last_step() -> None:
    assert parse_schedule("[a:b:1e999]", 10) == [(10, "a")]


def test_nesting_has_no_limit() -> None:
    deep = 5000

    assert parse_schedule("[" * deep + "a" + ":1]" * deep, 10) == [(1, ""), (10, "a")]
    assert parse_schedule("(" * deep, 10) == [(10, "(" * deep)]


@given(st.text(alphabet="ab [](){}:|\\.13", max_size=40), st.integers(1, 150))
def test_any_text_has_a_text_for_every_step(prompt: str, steps: int) -> None:
    schedule = parse_schedule(prompt, steps)

    ends = [entry.until_step for entry in schedule]
    assert ends == sorted(set(ends))
    assert ends[0] >= 1
    assert ends[-1] == steps


@given(st.text(max_size=40).filter(lambda text: "[" not in text))
def test_text_without_square_brackets_is_one_text_as_it_is_written(prompt: str) -> None:
    assert parse_schedule(prompt, 20) == [(20, prompt)]
