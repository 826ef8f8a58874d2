"""Drawings without a model: a thread, and a painter that waits where it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from traintab.drawing import DrawingRequest, Drawings, Means
from traintab.drawing.progress import DrawingProgress

SECONDS = 60.0


@dataclass
class Painter:
    """Stands in for `paint`: takes `steps` steps a picture, each when `go` lets it."""

    steps: int = 2
    go: threading.Event = field(default_factory=threading.Event)
    at_first_step: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    requests: list[DrawingRequest] = field(default_factory=list)
    embeddings: list[Any] = field(default_factory=list)

    def __call__(
        self, model: Any, request: DrawingRequest, embeddings: Any, progress: DrawingProgress, keep: Any
    ) -> None:
        self.requests.append(request)
        self.embeddings.append(embeddings)
        count, done = request.config.count, 0
        for picture in range(count):
            for _ in range(self.steps):
                if progress.interrupted():
                    return
                if progress.skipped():
                    break
                done += 1
                progress.step(done, self.steps * count)
                self.at_first_step.set()
                assert self.go.wait(SECONDS)
                if self.error is not None:
                    raise self.error
            else:
                keep([SimpleNamespace(seed=picture, infotext=f"picture {picture}", image=None)])


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> Painter:
    """Draws two pictures of two steps, and waits in the first step until `go` is set."""
    painter = Painter()
    monkeypatch.setattr("traintab.drawing.drawings.paint", painter)
    return painter


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def saved() -> list[tuple[int, str]]:
    """Seed and kind of the pictures that were saved."""
    return []


@pytest.fixture
def drawings(thread: ThreadPoolExecutor, painter: Painter, saved: list[tuple[int, str]]) -> Drawings:
    def save(pictures: Any, kind: str) -> list[Path]:
        saved.extend((picture.seed, kind) for picture in pictures)
        return [Path(f"{picture.seed}.png") for picture in pictures]

    return Drawings(
        Means(
            between=thread.submit,
            model=lambda: cast(Any, "model"),
            embeddings=lambda model, request: (cast(Any, {"mira": "vectors"}), ["mira is told of."]),
            save=save,
        )
    )


@pytest.fixture
def settle(thread: ThreadPoolExecutor) -> Callable[[], object]:
    """Waits until the thread has done all that it was given."""
    return lambda: thread.submit(int).result(SECONDS)
