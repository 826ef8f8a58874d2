"""The order in which pictures of several sizes are shown: one size at a time."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.batches import BatchOrder

GROUPS = (0, 1, 0, 0, 2, 1, 0, 0)


def epoch_of(order: BatchOrder) -> list[list[int]]:
    return [batch for _ in range(order.steps_per_epoch) for batch in order.next_step()]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=20), st.integers(1, 6), st.integers(0, 9), st.booleans()
)
def test_any_epoch_shows_every_picture_as_often_as_it_should_in_batches_of_one_size(
    groups: list[int], batch_size: int, seed: int, is_repeated: bool
) -> None:
    repeats = [1 + index % 3 for index in range(len(groups))] if is_repeated else [1] * len(groups)
    order = BatchOrder(len(groups), batch_size, seed=seed, repeats=repeats, groups=groups)
    batches = epoch_of(order)
    assert all(len({groups[index] for index in batch}) == 1 for batch in batches)
    if len(set(groups)) > 1:
        shown = Counter(index for batch in batches for index in batch)
        assert shown == Counter(dict(enumerate(repeats)))
    assert max(map(len, batches)) <= batch_size


def test_a_picture_with_a_size_of_its_own_is_shown_alone() -> None:
    assert [4] in epoch_of(BatchOrder(8, 4, groups=GROUPS))


def test_batches_of_different_sizes_come_in_a_random_order() -> None:
    order = BatchOrder(8, 2, seed=1, groups=GROUPS)
    orders = {tuple(GROUPS[batch[0]] for batch in epoch_of(order)) for _ in range(12)}
    assert len(orders) > 3
    assert order.epoch == 11


def test_one_group_is_ordered_as_none() -> None:
    with_groups, without = BatchOrder(7, 3, seed=2, groups=[5] * 7), BatchOrder(7, 3, seed=2)
    assert [with_groups.next_step() for _ in range(9)] == [without.next_step() for _ in range(9)]
    assert with_groups.state_dict() == without.state_dict()


def test_accumulated_batches_may_have_different_sizes_and_never_more_than_an_epoch_has() -> None:
    order = BatchOrder(8, 4, accumulation=3, groups=GROUPS)
    assert (order.accumulation, order.steps_per_epoch) == (3, 1)
    assert BatchOrder(8, 4, accumulation=99, groups=GROUPS).accumulation == 4


def test_the_largest_batch_is_the_largest_group() -> None:
    assert BatchOrder(8, 99, groups=GROUPS).batch_size == 5


def test_a_restored_order_goes_on_exactly() -> None:
    for pause in range(9):
        whole, first, second = (BatchOrder(8, 2, seed=3, groups=GROUPS) for _ in range(3))
        expected = [whole.next_step() for _ in range(12)]
        before = [first.next_step() for _ in range(pause)]
        assert second.fits(first.state_dict())
        second.load_state_dict(first.state_dict())
        assert before + [second.next_step() for _ in range(12 - pause)] == expected


def test_positions_among_other_sizes_do_not_fit() -> None:
    grouped, plain = BatchOrder(8, 2, groups=GROUPS), BatchOrder(8, 2)
    others = BatchOrder(8, 2, groups=(1, 1, 0, 0, 2, 1, 0, 0))
    assert not grouped.fits(plain.state_dict())
    assert not plain.fits(grouped.state_dict())
    assert not grouped.fits(others.state_dict())
    assert grouped.fits(BatchOrder(8, 2, seed=9, groups=GROUPS).state_dict())
