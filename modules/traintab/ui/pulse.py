"""What keeps a page up to date: one small question now and then, whatever there is to follow.

Each part of the page that can change by itself has a version. The pulse asks the server for all versions at
once, and only a part whose version is another one is looked at. At rest it asks seldom.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from ..errors import TrainTabError
from ..model_slot import ModelState
from ..studio import Studio
from .gradio_compat import Ticker, listen, listen_to_latest, skip

__all__ = ["AT_REST", "AT_WORK", "DRAWING", "Pulse", "now_and_then", "seconds_between"]

DRAWING, AT_WORK, AT_REST = 0.5, 1.0, 5.0
"""Seconds between two questions."""

Version = Callable[[], object]


class Pulse:
    """The page's followers; `seconds` tells how long the page may wait before it asks again.

    `follow` and `after` may be called anywhere within the page's layout, `wire` comes last.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._versions: list[Version] = []
        self._boxes: list[Any] = []
        self._events: list[Any] = []

    def follow(self, version: Version, look: Callable[..., Any], inputs: Any, outputs: Any) -> None:
        """Call `look` with `inputs` when the page opens, and whenever `version` gives something else."""
        # Where it is no part of the page at all, gradio tells nobody that it changed.
        box = gr.Textbox("", show_label=False, elem_classes=["traintab-hidden"])
        listen_to_latest(box.change, look, inputs, outputs, at_once=True)
        self._versions.append(version)
        self._boxes.append(box)

    def after(self, *events: Any) -> None:
        """Ask right after each of these events, too: those that begin or end something."""
        self._events += events

    def wire(self, load: Any) -> None:
        """Ask from the page's `load` on."""
        ticker, seen = Ticker(AT_WORK), gr.State(())
        outputs = [seen, ticker.component, *self._boxes]

        def ask(seen: tuple[str, ...]) -> tuple[Any, ...]:
            seconds = self._seconds()
            now = (str(seconds), *map(_short, self._versions))
            if now == tuple(seen):
                return tuple([skip()] * len(outputs))
            before = tuple(seen) or tuple([""] * len(now))
            news = (skip() if one == old else one for one, old in zip(now[1:], before[1:], strict=True))
            return now, skip() if now[0] == before[0] else ticker.every(seconds), *news

        for event in (load, ticker.event, *(event.then for event in self._events)):
            listen(event, ask, [seen], outputs, at_once=True)


def _short(version: Version) -> str:
    """A few characters for the version; what can't be looked at is one too: the look will tell why, and the
    page's other parts must go on.
    """
    try:
        found = repr(version())
    except (TrainTabError, OSError) as error:
        found = str(error)
    return hashlib.blake2s(found.encode(), digest_size=6).hexdigest()


def seconds_between(studio: Studio) -> float:
    """How soon something may have changed."""
    if studio.drawing().state.is_active:
        return DRAWING
    is_busy = (
        studio.snapshot().status.is_active
        or studio.folder_checks.snapshot().is_active
        or studio.grids.snapshot().state.is_active
        or studio.grid_scoring.snapshot().is_active
        or studio.model_status.state is ModelState.LOADING
    )
    return AT_WORK if is_busy else AT_REST


def now_and_then(version: Version, seconds: float = 3.0) -> Version:
    """The same version, worked out at most every so often however many pages ask."""
    lock = threading.Lock()
    kept: list[tuple[float, object]] = []

    def found() -> object:
        with lock:
            if not kept or time.monotonic() - kept[0][0] >= seconds:
                kept[:] = [(time.monotonic(), version())]
            return kept[0][1]

    return found
