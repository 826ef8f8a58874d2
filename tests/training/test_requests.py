"""What is asked of a running training."""

from __future__ import annotations

import pytest

from traintab.errors import NothingToDoError
from traintab.training.requests import Requests, Wanted


def test_wishes_are_taken_in_their_order_and_once() -> None:
    requests = Requests()
    requests.ask(Wanted.SAVE)
    requests.ask(Wanted.SAMPLE)
    taken = [requests.take(), requests.take(), requests.take()]
    assert [one.wanted if one else None for one in taken] == [Wanted.SAVE, Wanted.SAMPLE, None]


def test_pressing_twice_before_it_is_served_asks_once() -> None:
    requests = Requests()
    first = requests.ask(Wanted.SAMPLE)
    assert requests.ask(Wanted.SAMPLE) is first
    requests.take()
    assert requests.ask(Wanted.SAMPLE) is not first


def test_who_still_waits_at_the_end_is_told_and_later_ones_are_refused() -> None:
    requests = Requests()
    waiting = requests.ask(Wanted.SAVE)
    requests.close()
    with pytest.raises(NothingToDoError, match="Save now: the training ended before that"):
        waiting.result(timeout=1)
    with pytest.raises(NothingToDoError, match="Sample now: the training ended before that"):
        requests.ask(Wanted.SAMPLE)
