from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

import traintab.memory_watch
from traintab.jobs import JobContext, JobMemory, JobSnapshot, JobStatus
from traintab.memory_watch import with_memory
from traintab.models.memory import MemoryUse

USE = MemoryUse(allocated=100, held=150, free=700, total=1000, peak=200)


class Told:
    """A job's context that keeps its snapshot, and a clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.snapshot = JobSnapshot(status=JobStatus.RUNNING)
        self.now = 10.0
        monkeypatch.setattr(traintab.memory_watch.time, "monotonic", lambda: self.now)

    def update(self, **changes: Any) -> JobSnapshot:
        self.snapshot = replace(self.snapshot, **changes)
        return self.snapshot

    @property
    def context(self) -> JobContext:
        return JobContext(
            should_stop=lambda: False,
            update=self.update,
            conclude=lambda status: None,
            snapshot=lambda: self.snapshot,
        )


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


def test_the_events_pass_and_the_memory_is_told(told: Told) -> None:
    assert list(with_memory("abc", told.context, lambda: USE)) == ["a", "b", "c"]
    assert told.snapshot.memory == JobMemory(used=100, total=1000, peak=200)


def test_it_is_read_at_most_every_two_seconds(told: Told) -> None:
    readings: list[float] = []

    def read() -> MemoryUse:
        readings.append(told.now)
        return USE

    for _ in with_memory(range(100), told.context, read):
        told.now += 0.5
    assert len(readings) == 25
    assert all(later - earlier >= 2 for earlier, later in itertools.pairwise(readings))


def test_where_no_peak_is_counted_the_most_that_was_read_stands_for_it(told: Told) -> None:
    readings = iter([300, 500, 400])
    for _ in with_memory("abc", told.context, lambda: replace(USE, allocated=next(readings), peak=None)):
        told.now += 3
    assert told.snapshot.memory == JobMemory(used=400, total=1000, peak=500)


def test_a_device_that_tells_nothing_leaves_nothing_told(told: Told) -> None:
    assert list(with_memory("ab", told.context, lambda: None)) == ["a", "b"]
    assert told.snapshot.memory is None
