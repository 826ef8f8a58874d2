"""The host when there is none: the program on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ..paths import Paths

__all__ = ["StandaloneHost"]


class StandaloneHost:
    """Nobody else uses the device, so there is nothing to borrow, to ask or to tell."""

    name = "standalone"
    shares_device = False
    device = None
    precision = "auto"

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.settings: Mapping[str, object] = {}

    def checkpoints(self) -> list[str]:
        """No model is loaded by anyone else; the program looks for its own."""
        return []

    def current_checkpoint(self) -> str:
        """Our page has its own choice."""
        return ""

    @contextmanager
    def borrow_gpu(self) -> Iterator[None]:
        """The device is ours already."""
        yield

    def interrupted(self) -> bool:
        """There is no other interrupt button."""
        return False

    def embeddings_changed(self) -> None:
        """Nobody else reads the folder."""
