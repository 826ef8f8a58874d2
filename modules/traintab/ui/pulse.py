"""What keeps a page up to date: one small question now and then, whatever there is to follow.

Each part of the page that can change by itself has a version. The pulse tells the server which versions the
page has, and gets those that are others by now. What a page shows of a job comes along with them; every other
part is looked at when its version is another one. At rest the pulse asks seldom.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..errors import TrainTabError
from ..jobs import JobStatus
from ..model_slot import ModelState
from ..studio import Studio
from .gradio_compat import Ticker, hidden_text, listen_to_latest
from .scattered import Scattered

__all__ = [
    "AT_REST",
    "AT_WORK",
    "DRAWING",
    "LONG_TRAINING",
    "TRAINING",
    "Part",
    "Pulse",
    "now_and_then",
    "seconds_between",
]

DRAWING, AT_WORK, TRAINING, LONG_TRAINING, AT_REST = 0.5, 1.0, 2.0, 4.0, 5.0
"""Seconds between two questions; while steps are counted each takes time from them."""
_LONG_SECONDS = 60.0
"""A training that has more than this before it is a long one."""

Version = Callable[[], object]
_MOST_SEEN = 10_000
"""Characters; what a page says it has seen is some hundreds."""


class Part(NamedTuple):
    """What a component shows: another `version`, another value."""

    version: object
    value: Callable[[], Any]


class Pulse:
    """The page's followers; `seconds` tells how long the page may wait before it asks again.

    `follow`, `show` and `after` may be called anywhere within the page's layout, `wire` comes last.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._versions: list[Version] = []
        self._boxes: list[Any] = []
        self._shown: Callable[[], Sequence[Part]] = tuple
        self._components: list[Any] = []
        self._events: list[Any] = []

    def follow(self, version: Version, look: Callable[..., Any], inputs: Any, outputs: Any) -> None:
        """Call `look` with `inputs` when the page opens, and whenever `version` gives something else."""
        box = hidden_text("")
        listen_to_latest(box.change, look, inputs, outputs, at_once=True)
        self._versions.append(version)
        self._boxes.append(box)

    def show(self, shown: Callable[[], Sequence[Part]], components: Sequence[Any]) -> None:
        """Keep `components` at what `shown` gives for them: it comes with the answer, no look is needed.

        For what changes all the time; the values are as `Scattered` takes them.
        """
        self._shown, self._components = shown, list(components)

    def after(self, *events: Any) -> None:
        """Ask right after each of these events, too: those that begin or end something."""
        self._events += events

    def wire(self, load: Any) -> None:
        """Ask from the page's `load` on."""
        ticker = Ticker(AT_WORK)
        seen = hidden_text("", max_lines=1)
        answer = Scattered([seen, ticker.component, *self._boxes, *self._components])

        def ask(seen: str) -> dict[int, Any]:
            # Kept by the page, not by the server: an answer that is lost on the way is given again.
            parts = self._parts(ticker)
            now, before = [_short(part.version) for part in parts], _versions(seen)
            if now == before:
                return {}
            before = before if len(before) == len(now) else [""] * len(now)
            places = (place for place, (one, old) in enumerate(zip(now, before, strict=True)) if one != old)
            return {0: json.dumps(now), **{1 + place: parts[place].value() for place in places}}

        for event in (load, ticker.event, *(event.then for event in self._events)):
            answer.listen(event, ask, [seen])

    def _parts(self, ticker: Ticker) -> list[Part]:
        """What can be new, in the order of the components that take it."""
        seconds = self._seconds()
        pace = Part(seconds, lambda: ticker.every(seconds))
        return [pace, *(_looked_at(version) for version in self._versions), *self._shown()]


def _looked_at(version: Version) -> Part:
    """A follower's box holds its version; what can't be looked at has one too: the look will tell why, and
    the page's other parts must go on.
    """
    try:
        found = version()
    except (TrainTabError, OSError) as error:
        found = str(error)
    return Part(found, lambda: _short(found))


def _versions(seen: str) -> list[str]:
    """The versions of which a page says that it has them."""
    try:
        found = json.loads(seen[:_MOST_SEEN])
    except ValueError:
        return []
    return [str(one) for one in found] if isinstance(found, list) else []


def _short(version: object) -> str:
    """A few characters that stand for a version."""
    return hashlib.blake2s(repr(version).encode(), digest_size=6).hexdigest()


def seconds_between(studio: Studio) -> float:
    """How soon something may have changed."""
    if studio.drawing().state.is_active:
        return DRAWING
    job = studio.snapshot()
    is_busy = (
        studio.folder_checks.snapshot().is_active
        or studio.grids.snapshot().state.is_active
        or studio.grid_scoring.snapshot().is_active
        or studio.model_status.state is ModelState.LOADING
    )
    counts_steps = job.status is JobStatus.RUNNING and bool(job.total_steps)
    if is_busy or (job.status.is_active and not counts_steps):
        return AT_WORK
    if not counts_steps:
        return AT_REST
    return LONG_TRAINING if (job.eta_seconds or 0.0) > _LONG_SECONDS else TRAINING


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
