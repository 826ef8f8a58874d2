"""The host's device on loan: for as long as any work of ours needs a model, however it is nested."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from .hosts.host import Host

__all__ = ["DeviceLoan"]


class DeviceLoan:
    """Borrows from `host` for the first who needs the device, and gives it back after the last.

    `unload` makes our model leave it before that, where the host wants the device for its own; a model that
    nobody else competes with stays.
    """

    def __init__(self, host: Host, unload: Callable[[], None]) -> None:
        self._host = host
        self._unload = unload
        self._lock = threading.Lock()
        self._takers = 0
        self._loan = ExitStack()

    @property
    def is_taken(self) -> bool:
        """Whether somebody works with a model now, or waits for the host to step aside."""
        return self._takers > 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The device for the length of the block; waits until the host has finished what it draws.

        Blocks of several threads, and one in another, share one loan.
        """
        with self._lock, ExitStack() as if_refused:  # whoever comes second waits for the host too
            self._takers += 1
            if_refused.callback(self._forget_one)
            if self._takers == 1:
                self._loan.enter_context(self._host.borrow_gpu())
            if_refused.pop_all()
        try:
            yield
        finally:
            with self._lock:
                self._forget_one()
                if self._takers == 0:
                    with self._loan.pop_all():
                        self._leave()

    def _forget_one(self) -> None:
        self._takers -= 1

    def _leave(self) -> None:
        if self._host.shares_device:
            self._unload()
