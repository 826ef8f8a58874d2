"""Texts of which places are drawn at random."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.prompts.wildcards import Wildcards, one_of_lines


def drawn(text: str) -> set[str]:
    """What two hundred draws give."""
    source = random.Random(0)
    return {Wildcards.parse(text).draw(source.random) for _ in range(200)}


@pytest.mark.parametrize(
    ("text", "variants"),
    [
        ("a hat", {"a hat"}),
        ("", {""}),
        ("{red|blue} hat", {"red hat", "blue hat"}),
        ("{a|b}{c|d}", {"ac", "ad", "bc", "bd"}),
        ("{dark {red|blue}|white}", {"dark red", "dark blue", "white"}),
        ("{|very} big", {" big", "very big"}),
        ("{only}", {"only"}),
        ("a | b } c", {"a | b } c"}),
        (r"\{a\|b\} and {c\|d|e}", {"{a|b} and c|d", "{a|b} and e"}),
        (r"\(girl:1.2\)\\", {r"\(girl:1.2\)\\"}),
    ],
)
def test_every_variant_is_drawn_and_nothing_else(text: str, variants: set[str]) -> None:
    assert drawn(text) == variants


def test_every_variant_is_equally_likely() -> None:
    source, parsed = random.Random(0), Wildcards.parse("{a|b|c}")
    texts = [parsed.draw(source.random) for _ in range(6000)]
    assert all(1850 < texts.count(text) < 2150 for text in "abc")


def test_the_same_seed_draws_the_same_again() -> None:
    parsed = Wildcards.parse("{a|b|{c|d}}" * 10)
    assert parsed.draw(random.Random(3).random) == parsed.draw(random.Random(3).random)
    assert parsed.draw(random.Random(3).random) != parsed.draw(random.Random(4).random)


def test_a_text_without_places_draws_no_number() -> None:
    def no_number() -> float:
        raise AssertionError

    parsed = Wildcards.parse(r"a \{hat\}")
    assert not parsed.varies
    assert parsed.draw(no_number) == "a {hat}"


@pytest.mark.parametrize(("text", "place"), [("a {b|c", 3), ("{a {b}", 1), ("{a|{b", 4), (r"{a\}", 1)])
def test_a_bracket_that_is_never_closed_is_named(text: str, place: int) -> None:
    with pytest.raises(ValueError, match=f"at character {place} is never closed"):
        Wildcards.parse(text)


def test_brackets_inside_each_other_without_end_are_refused() -> None:
    assert Wildcards.parse("{" * 32 + "a" + "}" * 32).draw(lambda: 0.0) == "a"
    assert Wildcards.parse("{a}" * 5000).first(lambda _text: False) == "a" * 5000
    with pytest.raises(ValueError, match=r"bracket \{ at character 34 is inside too many others"):
        Wildcards.parse(" " + "{" * 100_000 + "a" + "}" * 100_000)


@pytest.mark.parametrize(
    ("lines", "variants"),
    [
        (["a", "hand\\"], {"a", "hand\\ "}),
        (["hand\\", "a"], {"a", "hand\\ "}),
        (["a", r"b\\|c"], {"a", r"b\|c"}),
    ],
)
def test_a_backslash_of_one_line_says_nothing_of_the_next(lines: list[str], variants: set[str]) -> None:
    assert drawn(one_of_lines(lines)) == variants


def test_the_first_wanted_variant_of_each_place_is_found() -> None:
    parsed = Wildcards.parse("{a|b {cat|zq}|zq} {x|y}")
    assert parsed.first(lambda text: "zq" in text) == "b zq x"
    assert parsed.first(lambda text: False) == "a x"


def test_very_many_variants_take_no_time() -> None:
    assert Wildcards.parse("{" + "{a|b}" * 200 + "|c}").first(lambda text: text == "c") == "c"


@given(st.lists(st.text(alphabet="ab |{}\\,", max_size=8), min_size=2, max_size=4))
def test_lines_are_variants_of_one_place(lines: list[str]) -> None:
    try:
        [each] = Wildcards.parse(one_of_lines(lines)).parts
    except ValueError:
        assert any("{" in line for line in lines)
        return
    assert isinstance(each, tuple)
    assert len(each) == len(lines) or any("{" in line for line in lines)


@given(st.text(alphabet="ab{|}\\", max_size=20))
def test_any_text_is_read_or_refused_with_a_phrase(text: str) -> None:
    try:
        parsed = Wildcards.parse(text)
    except ValueError as error:
        assert "is never closed" in str(error)
        return
    assert parsed.first(lambda _text: False) == parsed.draw(lambda: 0.0)
