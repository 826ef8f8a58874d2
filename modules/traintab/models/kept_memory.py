"""Main memory that one operation frees and the next one uses, instead of asking the system each time.

glibc gives every large block back to the system when it is freed. The next operation then gets new pages, one
by one and filled with zeros: on the processor that was a quarter of a training step's time.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["give_back", "memory_kept", "one_heap"]

# The names and numbers of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -3, -4, -8
# The largest number there is for it; whatever frees more than that, such as drawing a large picture, gives it
# back by itself.
_KEPT_AT_MOST = 2**31 - 1
# What glibc begins with, and the thresholds that it comes to by itself in a program with large blocks.
_USUAL_MMAP_MAX, _USUAL_MMAP_THRESHOLD, _USUAL_TRIM_THRESHOLD = 65536, 32 * 2**20, 64 * 2**20


@contextmanager
def memory_kept(device: torch.device) -> Iterator[None]:
    """While the block runs on the processor, freed memory stays with the program; afterwards it goes back.

    Does nothing for other devices, and where the C library isn't glibc. Changes no result. Works for threads
    that have no heap of their own (`one_heap`); others give back blocks beyond 64 MB as before.
    """
    glibc = _glibc() if device.type == "cpu" else None
    if glibc is None:
        yield
        return
    glibc.mallopt(_M_MMAP_MAX, 0)
    glibc.mallopt(_M_TRIM_THRESHOLD, _KEPT_AT_MOST)
    try:
        yield
    finally:
        glibc.mallopt(_M_MMAP_MAX, _USUAL_MMAP_MAX)
        glibc.mallopt(_M_MMAP_THRESHOLD, _USUAL_MMAP_THRESHOLD)
        glibc.mallopt(_M_TRIM_THRESHOLD, _USUAL_TRIM_THRESHOLD)
        glibc.malloc_trim(0)


def give_back(device: torch.device) -> None:
    """Give back what is kept now: after work that took much more than the steps around it."""
    glibc = _glibc() if device.type == "cpu" else None
    if glibc is not None:
        glibc.malloc_trim(0)


def one_heap() -> None:
    """Let threads that begin from now on share one heap; glibc's heaps for single threads stay small."""
    glibc = _glibc()
    if glibc is not None:
        glibc.mallopt(_M_ARENA_MAX, 1)


def _glibc() -> ctypes.CDLL | None:
    """The C library, when it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
