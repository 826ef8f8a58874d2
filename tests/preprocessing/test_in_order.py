from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.preprocessing.in_order import in_order


def idle() -> None:
    pass


@given(st.lists(st.integers()), st.integers(1, 4), st.integers(1, 9))
def test_results_come_in_the_order_of_the_items(items: list[int], threads: int, at_most: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        results = in_order(pool, lambda item: item + 1, items, at_most=at_most, while_waiting=idle)
        assert list(results) == [item + 1 for item in items]


def test_no_more_is_begun_than_asked_for() -> None:
    begun: list[int] = []
    taken = 0
    released = threading.Event()

    def items() -> Iterator[int]:
        for number in range(50):
            assert len(begun) - taken <= 5
            begun.append(number)
            yield number

    def work(number: int) -> int:
        released.wait(1)
        return number

    with ThreadPoolExecutor(2) as pool:
        for _ in in_order(pool, work, items(), at_most=5, while_waiting=released.set):
            taken += 1
    assert taken == 50


def test_what_the_work_raises_is_raised_in_its_turn() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, lambda n: 1 // n, [2, 1, 0, 1], at_most=4, while_waiting=idle)
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_giving_up_begins_no_further_work() -> None:
    done: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        first_may_end = threading.Event()

        def work(number: int) -> None:
            if number == 1:
                first_may_end.wait(5)
            done.append(number)

        results = in_order(pool, work, range(9), at_most=8, while_waiting=idle)
        next(results)
        results.close()  # type: ignore[attr-defined]
        first_may_end.set()
    assert done in ([0], [0, 1])
