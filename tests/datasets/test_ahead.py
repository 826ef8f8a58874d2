"""Work done before it is asked for."""

from __future__ import annotations

import threading
import time

import pytest

from traintab.datasets.ahead import done_ahead


def test_results_come_in_the_order_of_the_items() -> None:
    def slow_at_first(item: int) -> int:
        time.sleep(0.02 / (item + 1))
        return item * item

    assert list(done_ahead(slow_at_first, range(20), threads=4, at_most=5)) == [n * n for n in range(20)]


def test_work_goes_on_while_the_first_result_is_looked_at() -> None:
    begun = threading.Semaphore(0)

    def work(item: int) -> int:
        begun.release()
        return item

    results = done_ahead(work, range(10), threads=2, at_most=3)
    assert next(results) == 0
    assert all(begun.acquire(timeout=10) for _ in range(4))  # the first, and three that wait
    assert not begun.acquire(timeout=0.05)
    assert list(results) == list(range(1, 10))


def test_an_error_comes_when_its_turn_does() -> None:
    def work(item: int) -> int:
        if item == 2:
            raise ValueError("two")
        return item

    results = done_ahead(work, range(9), threads=2, at_most=4)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)


def test_closing_begins_no_further_work() -> None:
    begun: list[int] = []
    gate = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item > 0:
            gate.wait(10)
        return item

    results = done_ahead(work, range(100), threads=1, at_most=10)
    next(results)
    threading.Timer(0.05, gate.set).start()
    results.close()
    assert len(begun) <= 3


def test_nothing_to_do_is_nothing() -> None:
    assert list(done_ahead(str, [], threads=2, at_most=2)) == []
