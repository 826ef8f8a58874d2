"""The order in which pictures are shown."""

from __future__ import annotations

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
