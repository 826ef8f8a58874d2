"""The measures against what is worked out by hand."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.likeness.measures import (
    change_by_prompt,
    cosine_distance,
    mean_pair_distance,
    nearest_text_share,
)

AXES = torch.eye(3)


def test_the_cosine_distance_is_nought_for_the_same_and_two_for_the_opposite() -> None:
    one = AXES[:1]
    found = cosine_distance(one, torch.cat([one, AXES[1:2], -one]))
    assert found.tolist() == [[0, 1, 2]]


def test_the_mean_pair_distance_counts_no_picture_against_itself() -> None:
    assert mean_pair_distance(AXES, cosine_distance) == pytest.approx(1)
    assert mean_pair_distance(AXES[[0, 0]], cosine_distance) == pytest.approx(0)
    assert mean_pair_distance(AXES[[0, 0, 1]], cosine_distance) == pytest.approx(2 / 3)


def test_one_picture_has_no_pairs() -> None:
    assert mean_pair_distance(AXES[:1], cosine_distance) is None


@given(
    values=st.lists(
        st.lists(st.floats(-3, 3, allow_subnormal=False), min_size=4, max_size=4), min_size=2, max_size=6
    )
)
def test_for_any_pictures_the_mean_is_that_of_all_pairs(values: list[list[float]]) -> None:
    vectors = torch.tensor(values)
    pairs = [
        float((vectors[a] - vectors[b]).norm())
        for a in range(len(vectors))
        for b in range(len(vectors))
        if a < b
    ]
    found = mean_pair_distance(vectors, torch.cdist)
    assert found == pytest.approx(sum(pairs) / len(pairs), abs=1e-2)


def test_a_change_by_prompt_is_seen_at_equal_seeds_alone() -> None:
    swapped = [AXES[[0, 1]], AXES[[1, 0]]]
    equal = [AXES[[0, 1]], AXES[[0, 1]]]
    assert change_by_prompt(swapped, ["a", "b"], cosine_distance) == pytest.approx(1)
    assert change_by_prompt(equal, ["a", "b"], cosine_distance) == pytest.approx(0)


def test_rows_of_one_prompt_are_no_change_of_prompt() -> None:
    assert change_by_prompt([AXES[:2], AXES[1:]], ["a", "a"], cosine_distance) is None


def test_pictures_that_show_their_own_text_are_all_matched() -> None:
    assert nearest_text_share([AXES[[0, 0]], AXES[[1, 1]]], AXES[:2]) == 1
    assert nearest_text_share([AXES[[1, 1]], AXES[[0, 0]]], AXES[:2]) == 0
    assert nearest_text_share([AXES[[0, 1]], AXES[[1, 1]]], AXES[:2]) == pytest.approx(3 / 4)


def test_a_text_that_is_near_to_every_picture_does_not_win_every_time() -> None:
    texts = torch.nn.functional.normalize(torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.1, 1.0]]), dim=1)
    rows = [torch.nn.functional.normalize(torch.tensor([[1.0, 0.0, 0.1]]), dim=1),
            torch.nn.functional.normalize(torch.tensor([[0.9, 0.0, 0.4]]), dim=1)]  # fmt: skip
    assert (rows[1] @ texts.T).argmax() == 0  # as it stands, the first text is the nearer one to both
    assert nearest_text_share(rows, texts) == 1


def test_one_row_obeys_nothing_that_could_be_told() -> None:
    assert nearest_text_share([AXES[:2]], AXES[:1]) is None
