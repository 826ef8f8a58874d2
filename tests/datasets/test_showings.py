"""Do folders get the parts of an epoch that they were given?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.showings import weighted_repeats


@pytest.mark.option("more_data_dirs")
def test_folders_of_one_weight_are_shown_alike_however_many_pictures_they_have() -> None:
    assert weighted_repeats([1] * 3, [0, 0, 1], {0: 1.0, 1: 1.0}) == [1, 1, 2]


def test_a_weight_of_two_shows_a_folder_twice_as_often() -> None:
    assert weighted_repeats([1, 1], [0, 1], {0: 1.0, 1: 2.0}) == [1, 2]


def test_an_epoch_gets_longer_where_whole_numbers_would_be_wrong() -> None:
    shown = weighted_repeats([1] * 5, [0, 0, 1, 1, 1], {0: 1.0, 1: 1.0})
    assert shown == [3, 3, 2, 2, 2]


def test_repeats_within_a_folder_keep_their_proportion() -> None:
    shown = weighted_repeats([2, 1, 1], [0, 0, 1], {0: 1.0, 1: 1.0})
    assert shown == [2, 1, 3]


def test_a_picture_is_never_left_out() -> None:
    assert min(weighted_repeats([1, 1], [0, 1], {0: 0.001, 1: 1000.0})) == 1


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0.05, 20.0)), min_size=1, max_size=4))
def test_the_shares_of_the_folders_are_as_their_weights(folders: list[tuple[int, float]]) -> None:
    numbers = [number for number, (count, _) in enumerate(folders) for _ in range(count)]
    weights = {number: weight for number, (_, weight) in enumerate(folders)}
    shown = weighted_repeats([1] * len(numbers), numbers, weights)
    sums = [sum(s for s, f in zip(shown, numbers, strict=True) if f == number) for number in weights]
    unit = sums[0] / weights[0]
    assert all(sums[n] == pytest.approx(w * unit, rel=0.08) for n, w in weights.items())
