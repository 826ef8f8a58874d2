"""Work on threads, its results in order, with no more of them in memory than asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

__all__ = ["in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_SECONDS_BETWEEN_LOOKS = 0.1


def in_order(
    pool: ThreadPoolExecutor,
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    at_most: int,
    while_waiting: Callable[[], object],
) -> Iterator[Result]:
    """`work(item)` of each item in their order, with up to `at_most` begun and not yet taken.

    Results are given as soon as they and all before them are there. `while_waiting` is called ten times a
    second meanwhile. What `work` raises is raised in its turn; closing the generator begins no further work.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            while waiting and (len(waiting) >= at_most or waiting[0].done()):
                yield _first(waiting, while_waiting)
        while waiting:
            yield _first(waiting, while_waiting)
    finally:
        for future in waiting:
            future.cancel()


def _first(waiting: deque[Future[Result]], while_waiting: Callable[[], object]) -> Result:
    while not wait([waiting[0]], timeout=_SECONDS_BETWEEN_LOOKS).done:
        while_waiting()
    return waiting.popleft().result()
