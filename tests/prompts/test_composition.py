from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.prompts.composition import PartialPrompt, split_and

# Recorded from A1111's parser.
A1111 = [
    ("a cat", [("a cat", 1.0)]),
    ("", [("", 1.0)]),
    ("a cat AND a dog", [("a cat", 1.0), (" a dog", 1.0)]),
    (
        "a cat :1.2 AND a dog AND a bird : -.5 ",
        [("a cat", 1.2), (" a dog", 1.0), (" a bird", -0.5)],
    ),
    ("AND", [("", 1.0), ("", 1.0)]),
    ("a AND ", [("a", 1.0), ("", 1.0)]),
    ("SAND AND ANDY", [("SAND", 1.0), (" ANDY", 1.0)]),
    ("a:1:2", [("a:1", 2.0)]),
    ("a : 1. AND b:+2", [("a", 1.0), (" b", 2.0)]),
    ("(a AND b:1.2)", [("(a", 1.0), (" b:1.2)", 1.0)]),
    ("a:1.2.3", [("a:1.2.3", 1.0)]),
    ("a:", [("a:", 1.0)]),
    (" a:1e3", [(" a:1e3", 1.0)]),
    ("x\ny :2\n", [("x\ny", 2.0)]),
]


@pytest.mark.parametrize(("prompt", "expected"), A1111)
def test_parts_and_weights_are_those_of_a1111(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert split_and(prompt) == expected


def test_no_weight_is_beyond_a_hundred() -> None:
    digits = "9" * 400

    assert split_and(f"a:{digits} AND b:-{digits}") == [("a", 100.0), (" b", -100.0)]


def test_and_in_small_letters_is_a_word() -> None:
    assert split_and("cats and dogs") == [PartialPrompt("cats and dogs", 1.0)]


@given(st.text(max_size=60))
def test_any_text_has_one_part_more_than_ands(prompt: str) -> None:
    assert len(split_and(prompt + " AND " + prompt)) == 2 * len(split_and(prompt))
