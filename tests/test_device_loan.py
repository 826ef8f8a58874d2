"""One loan for everybody who works with a model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from traintab.device_loan import DeviceLoan

SECONDS = 20.0


class Owner:
    """A host, and what happens to its device in order."""

    def __init__(self, *, shares: bool = True) -> None:
        self.shares_device = shares
        self.events: list[str] = []
        self.may_lend = threading.Event()
        self.may_lend.set()
        self.loan = DeviceLoan(cast(Any, self), lambda: self.events.append("unloaded"))

    @contextmanager
    def borrow_gpu(self) -> Iterator[None]:
        assert self.may_lend.wait(SECONDS)
        self.events.append("lent")
        yield
        self.events.append("back")


def test_our_model_leaves_the_device_before_it_is_given_back() -> None:
    owner = Owner()
    with owner.loan.taken():
        assert owner.loan.is_taken and owner.events == ["lent"]
    assert not owner.loan.is_taken and owner.events == ["lent", "unloaded", "back"]


def test_a_model_that_nobody_competes_with_stays() -> None:
    owner = Owner(shares=False)
    with owner.loan.taken():
        pass
    assert owner.events == ["lent", "back"]


def test_a_block_in_another_borrows_nothing_more() -> None:
    owner = Owner()
    with owner.loan.taken():
        assert owner.events == ["lent"]
        with owner.loan.taken():
            owner.events.append("worked")
    assert owner.events == ["lent", "worked", "unloaded", "back"]


def test_everything_is_given_back_after_a_failure_and_can_be_borrowed_again() -> None:
    owner = Owner()
    for _ in range(2):
        with pytest.raises(ValueError), owner.loan.taken():
            raise ValueError
    assert owner.events == ["lent", "unloaded", "back"] * 2


def test_a_host_that_does_not_lend_leaves_nothing_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Owner()

    def refuse() -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(owner, "borrow_gpu", refuse)
    with pytest.raises(RuntimeError), owner.loan.taken():
        pass
    monkeypatch.undo()
    with owner.loan.taken():
        assert owner.events == ["lent"]


def test_who_comes_while_the_host_is_waited_for_waits_too_and_shares_the_loan() -> None:
    owner = Owner()
    owner.may_lend.clear()
    both_inside = threading.Barrier(2, timeout=SECONDS)

    def work() -> None:
        with owner.loan.taken():
            both_inside.wait()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert owner.events == []
    owner.may_lend.set()
    for thread in threads:
        thread.join(SECONDS)
    assert owner.events == ["lent", "unloaded", "back"] and not both_inside.broken
