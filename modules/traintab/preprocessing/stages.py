"""The stages that each source goes through, on threads: made, captioned where a model does that, written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from ..errors import TrainTabError
from .captioned import Captioned, captioned
from .captioners import Captioner, FetchInterrupted
from .in_order import in_order
from .items import Item
from .one_picture import Outcome, PictureWork, Prepared
from .record import Record

__all__ = ["Failure", "Stages"]

Made = TypeVar("Made")
One = TypeVar("One")

# How far the work goes ahead of what is told, in pictures a thread: made ones are held in memory.
_MADE_AHEAD, _WRITTEN_AHEAD = 2, 4


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What ends the run, when all that was under way is told."""

    error: TrainTabError | FetchInterrupted


@dataclass(frozen=True, kw_only=True)
class Stages:
    """The work on a run's sources; `captioner` gives the model that captions them, if one does.

    `interrupted` is asked by the thread that draws the outcomes alone, and never again once it said so.
    """

    work: PictureWork
    record: Record
    pool: ThreadPoolExecutor
    workers: int
    interrupted: Callable[[], bool]
    captioner: Callable[[], Captioner] | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def outcomes(self, items: Iterable[Item]) -> Iterator[Outcome | Failure | None]:
        """What became of each source, in order; None for those that were not looked at any more."""
        begun = self._begun(items)
        if self.captioner is None:
            return self._on_threads(self._whole, begun, _WRITTEN_AHEAD)
        with_captions = captioned(
            self._on_threads(self._make, begun, _MADE_AHEAD),
            self.captioner,
            batch_size=self.work.config.captioning.caption_batch_size,
            stopping=self._asked_to_stop,
        )
        return self._on_threads(self._write, self._until_it_fails(with_captions), _WRITTEN_AHEAD)

    def _on_threads(self, work: Callable[[One], Made], ones: Iterable[One], ahead: int) -> Iterator[Made]:
        return in_order(
            self.pool, work, ones, at_most=ahead * self.workers, while_waiting=self._asked_to_stop
        )

    def _asked_to_stop(self) -> bool:
        if not self.stopping.is_set() and self.interrupted():
            self.stopping.set()
        return self.stopping.is_set()

    def _begun(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            if self._asked_to_stop():
                return
            yield item

    def _make(self, item: Item) -> Prepared | Outcome | Failure | None:
        if self.stopping.is_set():
            return None
        return self._caught(partial(self.work.prepare, item, self.record.entry(item.source)))

    def _whole(self, item: Item) -> Outcome | Failure | None:
        made = self._make(item)
        return self._write(Captioned(prepared=made)) if isinstance(made, Prepared) else made

    def _write(self, one: Captioned | Outcome | Failure | None) -> Outcome | Failure | None:
        """What is captioned is written when the run is to stop, too."""
        if not isinstance(one, Captioned):
            return one
        before = self.record.entry(one.prepared.item.source)
        return self._caught(partial(self.work.finish, one.prepared, before, one.captions))

    def _caught(self, work: Callable[[], Made]) -> Made | Failure:
        """What ends the run is a result too, so that all before it is told and recorded."""
        try:
            return work()
        except (TrainTabError, FetchInterrupted) as error:
            self.stopping.set()
            return Failure(error=error)

    def _until_it_fails(self, ones: Iterator[Made]) -> Iterator[Made | Failure]:
        try:
            yield from ones
        except (TrainTabError, FetchInterrupted) as error:
            self.stopping.set()
            yield Failure(error=error)
