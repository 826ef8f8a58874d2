from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.prompts.attention import WeightedText, parse_attention


def weights(prompt: str) -> list[tuple[str, float]]:
    return [(entry.text, round(entry.weight, 4)) for entry in parse_attention(prompt)]


# Recorded from A1111's parser.
A1111 = [
    ("normal text", [("normal text", 1.0)]),
    ("an (important) word", [("an ", 1.0), ("important", 1.1), (" word", 1.0)]),
    ("(unbalanced", [("unbalanced", 1.1)]),
    (r"\(literal\]", [("(literal]", 1.0)]),
    ("(unnecessary)(parens)", [("unnecessaryparens", 1.1)]),
    (
        "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
        [
            ("a ", 1.0),
            ("house", 1.573),
            (" ", 1.1),
            ("on", 1.0),
            (" a ", 1.1),
            ("hill", 0.55),
            (", sun, ", 1.1),
            ("sky", 1.4641),
            (".", 1.1),
        ],
    ),
    ("[less]", [("less", 0.9091)]),
    ("[[less]]", [("less", 0.8264)]),
    ("(a:1.5) b", [("a", 1.5), (" b", 1.0)]),
    ("(a: 1.5 )", [("a", 1.5)]),
    ("(a:-0.5)", [("a", -0.5)]),
    ("(a:.5)", [("a", 0.5)]),
    ("a:1.5)", [("a:1.5)", 1.0)]),
    ("[a:1.5]", [("a:1.5", 0.9091)]),
    ("a)b]", [("a)b]", 1.0)]),
    ("", [("", 1.0)]),
    ("()", [("", 1.0)]),
    (r"back\slash", [("backslash", 1.0)]),
    (r"two\\", [("two\\", 1.0)]),
]


@pytest.mark.parametrize(("prompt", "expected"), A1111)
def test_weights_are_those_of_a1111(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert weights(prompt) == expected


def test_a_word_in_parentheses_weighs_one_point_one() -> None:
    assert parse_attention("(hair)") == [WeightedText("hair", 1.1)]


def test_break_is_an_entry_of_its_own_without_the_blanks_around_it() -> None:
    entries = parse_attention("a BREAK b")
    assert [(entry.text, entry.is_break) for entry in entries] == [
        ("a", False),
        ("BREAK", True),
        ("b", False),
    ]


def test_break_inside_parentheses_still_breaks() -> None:
    entries = parse_attention("(a BREAK b:1.5)")
    assert entries[1].is_break
    assert [entry.weight for entry in entries if not entry.is_break] == [1.5, 1.5]


def test_two_breaks_are_two() -> None:
    assert [entry.is_break for entry in parse_attention("BREAK BREAK")] == [True, True]


def test_break_as_part_of_a_word_is_text() -> None:
    assert not any(entry.is_break for entry in parse_attention("BREAKFAST outBREAK break"))


def test_a_number_that_is_none_is_text() -> None:
    assert weights("(a:1.2.3)") == [("a:1.2.3", 1.1)]


@pytest.mark.parametrize(
    ("prompt", "weight"),
    [
        (f"(a:{'9' * 400})", 100.0),
        (f"(a:-{'9' * 400})", -100.0),
        (f"((a:0):{'9' * 400})", 0.0),
        ("((a:99):99)", 100.0),
        ("(" * 9000 + "a", 100.0),
    ],
)
def test_no_weight_is_beyond_a_hundred(prompt: str, weight: float) -> None:
    assert parse_attention(prompt) == [WeightedText("a", weight)]


@given(st.text(alphabet="ab ()[]:\\.1-BREAK", max_size=60))
def test_any_text_gives_at_least_one_entry_and_no_neighbours_of_equal_weight(prompt: str) -> None:
    entries = parse_attention(prompt)
    assert entries
    for left, right in pairwise(entries):
        assert left.is_break or right.is_break or left.weight != right.weight


@given(st.text(max_size=60).filter(lambda text: not set(text) & set("()[]\\") and "BREAK" not in text))
def test_text_without_brackets_comes_back_unchanged(text: str) -> None:
    assert parse_attention(text) == [WeightedText(text, 1.0)]
