from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.prompts.mirrored_words import mirrored_words

EXCHANGED = [
    ("looking to the left", "looking to the right"),
    ("a scar on her right cheek, left hand raised", "a scar on her left cheek, right hand raised"),
    ("left-handed, holding_sword_in_right_hand", "right-handed, holding_sword_in_left_hand"),
    ("left_hand, right_arm_up", "right_hand, left_arm_up"),
    ("the leftmost chair, facing rightwards", "the rightmost chair, facing leftwards"),
    ("Left and RIGHT", "Right and LEFT"),
    ("(left hand:1.2), [right]", "(right hand:1.2), [left]"),
    ("on the right behind a tree", "on the left behind a tree"),
    ("far left in front", "far right in front"),
    ("a hat in the upper right", "a hat in the upper left"),
    ("sitting left of a cat", "sitting right of a cat"),
    ("left,right", "right,left"),
    ("right-over-left kimono, left_over_right", "left-over-right kimono, right_over_left"),
    ("left over her right leg", "right over her left leg"),
    (
        "looking to the right at a cat, man on left at a table",
        "looking to the left at a cat, man on right at a table",
    ),
]
KEPT = [
    "bright, upright, copyright sign, leftovers, Wright",
    "everything is all right",
    "sitting right next to a cat",
    "right behind her, a door left open",
    "a right angle, right side up",
    "she is singing right now, and right there",
    "left alone, left over rice",
    "looking right at viewer, right way up, right of way",
    "links, rechts, 左",
    "",
]


@pytest.mark.parametrize(("caption", "mirrored"), EXCHANGED)
def test_left_and_right_are_exchanged_as_words(caption: str, mirrored: str) -> None:
    assert mirrored_words(caption) == mirrored
    assert mirrored_words(mirrored) == caption


@pytest.mark.parametrize("caption", KEPT)
def test_what_is_no_direction_stays(caption: str) -> None:
    assert mirrored_words(caption) == caption


TURNS = ("left", "right", "leftmost", "left", "RIGHT")
OTHERS = (
    "all",
    "over-",
    "the",
    "her",
    "bright",
    "now",
    "next",
    "to",
    "behind_",
    "side-up",
    "over",
    ",",
    "-",
    "_",
    "",
)
WORDS = st.sampled_from(TURNS + OTHERS)


@given(st.lists(WORDS).map(" ".join) | st.text(alphabet="leftrigh _-,THE"))
@settings(max_examples=300)
def test_a_picture_mirrored_twice_has_its_caption_again(caption: str) -> None:
    plain = caption.lower()
    assert mirrored_words(mirrored_words(plain)) == plain


@given(st.text())
def test_all_but_left_and_right_is_kept(caption: str) -> None:
    if "left" not in caption.lower() and "right" not in caption.lower():
        assert mirrored_words(caption) == caption


def test_a_caption_as_large_as_a_file_may_be_takes_a_moment() -> None:
    begin = time.perf_counter()
    mirrored_words("the left " * 110_000)
    assert time.perf_counter() - begin < 10
