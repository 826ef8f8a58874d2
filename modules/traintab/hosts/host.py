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
        """Settings that the user has changed in the host, by option key."""
        ...

    @property
    def shares_device(self) -> bool:
        """Whether the host has a model of its own, which wants the device back after each piece of work."""
        ...

    @property
    def device(self) -> str | None:
        """The device the host computes on, as `choose_device` takes it; None where that may choose."""
        ...

    @property
    def precision(self) -> str:
        """`fp32` where the user told the host to compute in nothing less, else `auto`."""
        ...

    def checkpoints(self) -> list[str]:
        """Absolute paths of the models the user can choose, the current one first; loads nothing."""
        ...

    def current_checkpoint(self) -> str:
        """The first of them, found at no cost; empty when there is none."""
        ...

    def borrow_gpu(self) -> AbstractContextManager[None]:
        """Hold the host's queue with its model out of the way; both are restored whatever happens.

        Waits while the host draws. Not to be nested.
        """
        ...

    def interrupted(self) -> bool:
        """Whether the user pressed the host's own interrupt button, while the device is borrowed."""
        ...

    def embeddings_changed(self) -> None:
        """Tell the host that files in the embeddings folder were written; never waits for the host."""
        ...
