"""The order in which pictures are shown."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.batches import BatchOrder


def test_an_epoch_shows_every_picture_once() -> None:
    order = BatchOrder(6, 2, seed=1)
    shown = [index for _ in range(3) for batch in order.next_step() for index in batch]
    assert sorted(shown) == [0, 1, 2, 3, 4, 5]


def test_epochs_have_different_orders() -> None:
    order = BatchOrder(8, 8, seed=1)
    first, second = order.next_step(), order.next_step()
    assert first != second
    assert order.epoch == 1


def test_another_seed_is_another_order() -> None:
    assert BatchOrder(8, 8, seed=1).next_step() != BatchOrder(8, 8, seed=2).next_step()


def test_what_does_not_fill_a_batch_is_left_out_of_the_epoch() -> None:
    order = BatchOrder(5, 2)
    assert order.steps_per_epoch == 2
    for _ in range(2):
        order.next_step()
    assert order.epoch == 0
    order.next_step()
    assert order.epoch == 1


def test_a_step_takes_as_many_batches_as_are_accumulated() -> None:
    order = BatchOrder(7, 2, accumulation=3)
    step = order.next_step()
    assert [len(batch) for batch in step] == [2, 2, 2]
    assert len({index for batch in step for index in batch}) == 6


def test_a_batch_is_never_larger_than_the_data_set() -> None:
    order = BatchOrder(3, 10, accumulation=4)
    assert (order.batch_size, order.accumulation, order.steps_per_epoch) == (3, 1, 1)


def test_a_restored_order_goes_on_exactly() -> None:
    for pause in range(7):
        whole, first = BatchOrder(5, 2, seed=3), BatchOrder(5, 2, seed=3)
        expected = [whole.next_step() for _ in range(10)]
        before = [first.next_step() for _ in range(pause)]
        second = BatchOrder(5, 2)
        second.load_state_dict(first.state_dict())
        assert before + [second.next_step() for _ in range(10 - pause)] == expected


@given(
    repeats=st.lists(st.integers(1, 4), min_size=1, max_size=8),
    batch_size=st.integers(1, 12),
    accumulation=st.integers(1, 4),
)
def test_an_epoch_shows_no_picture_more_often_than_its_repeats_say(
    repeats: list[int], batch_size: int, accumulation: int
) -> None:
    order = BatchOrder(len(repeats), batch_size, accumulation=accumulation, repeats=repeats)
    steps = [order.next_step() for _ in range(order.steps_per_epoch)]
    assert order.epoch == 0
    shown = Counter(index for step in steps for batch in step for index in batch)
    assert all(shown[index] <= count for index, count in enumerate(repeats))
    left_out = sum(repeats) - sum(shown.values())
    assert 0 <= left_out < order.batch_size * order.accumulation


@pytest.mark.option("folder_repeats", "more_data_dirs")
def test_a_picture_with_repeats_is_shown_that_often_an_epoch() -> None:
    order = BatchOrder(3, 2, repeats=(1, 4, 1), seed=5)
    assert order.steps_per_epoch == 3
    for _ in range(4):
        epoch = [index for _ in range(3) for batch in order.next_step() for index in batch]
        assert Counter(epoch) == {0: 1, 1: 4, 2: 1}


def test_repeats_of_one_change_no_bit_of_the_order() -> None:
    plain, repeated = BatchOrder(5, 2, seed=3), BatchOrder(5, 2, seed=3, repeats=(1,) * 5)
    assert [plain.next_step() for _ in range(9)] == [repeated.next_step() for _ in range(9)]
    assert plain.state_dict() == repeated.state_dict()


def test_a_batch_may_show_a_repeated_picture_twice() -> None:
    order = BatchOrder(2, 10, repeats=(3, 2))
    assert [len(batch) for batch in order.next_step()] == [5]


def test_an_order_fits_the_same_repeats_only() -> None:
    order = BatchOrder(2, 1, repeats=(3, 2))
    assert BatchOrder(2, 1, repeats=(3, 2)).fits(order.state_dict())
    assert not BatchOrder(2, 1, repeats=(2, 3)).fits(order.state_dict())
    assert not BatchOrder(2, 1).fits(order.state_dict())
    assert not order.fits(BatchOrder(2, 1).state_dict())
