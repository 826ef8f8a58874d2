"""SIGINT, SIGTERM and a closed terminal as a request to stop."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["STOPPED", "StopRequest"]

STOPPED = 130
"""The exit status of a command that was stopped by a signal, and saved."""

_PATIENCE = 3


class StopRequest:
    """Called, it says whether the user asked to stop.

    Outside `deferred` the first signal raises KeyboardInterrupt: nothing is under way that could be lost.
    Inside, it only sets the flag, which the work asks for between its steps. The second is only
    acknowledged, because files are being saved by then; the third raises in any case. `acknowledge` gets a
    sentence for the user.
    """

    def __init__(self, acknowledge: Callable[[str], None]) -> None:
        self._acknowledge = acknowledge
        self._signals = 0
        self._is_deferred = False
        self._is_over = False

    def __call__(self) -> bool:
        """Whether a signal has come."""
        return self._signals > 0

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signals inside this block, even where the parent process had them ignored.

        A shell starts its background jobs so. Only the main thread may set handlers; elsewhere this does
        nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._handle) for number in _signals()}
        try:
            yield
        finally:
            # What comes now comes too late to stop anything, and must not hide how the command ended.
            self._is_over = True
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Inside this block the work is asked to stop instead of being broken off."""
        self._is_deferred = True
        try:
            if self():
                raise KeyboardInterrupt
            yield
        finally:
            self._is_deferred = False

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._is_over:
            return
        self._signals += 1
        name = signal.Signals(number).name
        if self._signals >= _PATIENCE or (self._signals == 1 and not self._is_deferred):
            raise KeyboardInterrupt
        if self._signals == 1:
            self._acknowledge(f"{name}: stopping after this step, and saving.")
        else:
            self._acknowledge(f"{name}: already stopping; once more breaks off without saving.")


def _signals() -> list[signal.Signals]:
    """SIGINT and SIGTERM always; SIGHUP, a closed terminal, unless `nohup` asked to outlive that."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return signals
