"""Preprocessing as a job: on a borrowed device where models are needed, its events told as progress."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from .configs import PreprocessConfig
from .hosts.host import Host
from .job_progress import follow
from .jobs import JobContext
from .paths import Paths

__all__ = ["PreprocessingJob"]


@dataclass(frozen=True, kw_only=True)
class PreprocessingJob:
    """What the studio lends to preprocessing; `size()` is the model's own in pixels, and may load it.

    `device()` is the block in which models compute.
    """

    host: Host
    device: Callable[[], AbstractContextManager[None]]
    paths: Paths
    size: Callable[[], int]

    def run(self, config: PreprocessConfig, context: JobContext) -> Iterator[object]:
        """Preprocess on the worker's thread. Captioners and the like share the device with the host."""
        from .preprocessing.models_at_hand import default_means, needs_models
        from .preprocessing.run import preprocess

        def should_stop() -> bool:
            return context.should_stop() or self.host.interrupted()

        def report(sentence: str) -> None:
            context.update(message=sentence)

        size = None if config.width and config.height else self.size()
        with contextlib.ExitStack() as borrowed:
            means = None
            if needs_models(config):
                borrowed.enter_context(self.device())
                means = default_means(self.paths.models_dir, report=report, interrupted=should_stop)
            events = preprocess(config, default_size=size, interrupted=should_stop, means=means)
            yield from follow(events, context)
