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


def test_a_wish_that_is_taken_back_is_not_served_and_can_be_made_anew() -> None:
    requests = Requests()
    requests.ask(Wanted.SAMPLE).cancel()
    again = requests.ask(Wanted.SAMPLE)
    request = requests.take()
    assert request is not None and request.done is again and requests.take() is None
    assert not again.cancel()
    requests.ask(Wanted.SAVE).cancel()
    requests.close()


def test_who_still_waits_at_the_end_is_told_and_later_ones_are_refused() -> None:
    requests = Requests()
    waiting = requests.ask(Wanted.SAVE)
    requests.close()
    with pytest.raises(NothingToDoError, match="Save now: the training ended before that"):
        waiting.result(timeout=1)
    with pytest.raises(NothingToDoError, match="Sample now: the training ended before that"):
        requests.ask(Wanted.SAMPLE)
