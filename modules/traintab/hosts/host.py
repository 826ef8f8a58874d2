"""What the program needs from the program that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from ..paths import Paths

__all__ = ["Host"]


class Host(Protocol):
    """A web UI that shows the tab, or the standalone program."""

    @property
    def name(self) -> str:
        """`standalone`, `a1111`, `forge`, `reforge` or `sdnext`."""
        ...

    @property
    def paths(self) -> Paths:
        """Where the user's files lie."""
        ...

    @property
    def settings(self) -> Mapping[str, object]:
        """Settings the user made in the host, by option key."""
        ...

    def checkpoints(self) -> list[str]:
        """Names of the models the user can choose, the current one first."""
        ...

    def borrow_gpu(self) -> AbstractContextManager[None]:
        """Hold the host's queue with its model out of the way; both are restored whatever happens."""
        ...

    def interrupted(self) -> bool:
        """Whether the user pressed the host's own interrupt button."""
        ...

    def embeddings_changed(self) -> None:
        """Tell the host that files in the embeddings folder were written."""
        ...
