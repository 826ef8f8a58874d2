"""An out-of-memory error as a sentence with figures: what was wanted, what was free, what to lower."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from ..errors import MemoryShortageError
from .memory import MemoryUse, is_memory_shortage, memory_use

__all__ = ["Advice", "Shortage", "in_gib", "memory_shortage_told", "smaller_pictures"]

_GIB = 2**30
_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "KB": 2**10, "MB": 2**20, "GB": 2**30}
_ASKED = re.compile(r"[Tt]ried to allocate ([\d.]+) ?(bytes|[KMG]i?B)")
# More than a driver and a desktop take.
_OTHERS_WORTH_TELLING = 1 * _GIB
# What was wanted is known from below only: advice that lowers less would fail again.
_MOST_THAT_FITS = 0.8
_UNKNOWN_FIT = 0.5
# The settings take no smaller side.
_SMALLEST_SIDE = 64


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """What is known of a failure, in bytes: `wanted` at least, while `available` could be had.

    `before` is the memory before the work began; all of it is None when the device doesn't tell.
    """

    before: MemoryUse | None = None
    wanted: int | None = None

    @property
    def available(self) -> int | None:
        """What the work could take."""
        return None if self.before is None else self.before.available

    @property
    def fits(self) -> float:
        """Which share of what was wanted fits, above 0 and at most 0.8; a half when nothing is known."""
        if self.available is None or not self.wanted:
            return _UNKNOWN_FIT
        return min(max(self.available / self.wanted, 0.01), _MOST_THAT_FITS)

    def figures(self) -> str:
        """`: at least 3.4 GiB were wanted and 2.6 GiB were free of 8.0 GiB`, or nothing."""
        if self.before is None or not self.wanted:
            return ""
        told = (
            f": at least {in_gib(self.wanted)} were wanted, and {in_gib(self.before.available)} of"
            f" {in_gib(self.before.total)} were free"
        )
        if self.before.others > _OTHERS_WORTH_TELLING:
            told += f" (other programs hold {in_gib(self.before.others)})"
        return told


Advice = Callable[[Shortage], str]


@contextmanager
def memory_shortage_told(doing: str, device: torch.device, advice: Advice | str) -> Iterator[None]:
    """Turn running out of memory inside the block into MemoryShortageError, with figures and advice.

    The sentence is "`doing` ran out of memory: …; `advice`." Other errors pass.
    """
    before = memory_use(device)
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_memory_shortage(error):
            raise
        shortage = Shortage(before=before, wanted=_wanted(error, before, device))
        remedy = advice if isinstance(advice, str) else advice(shortage)
        raise MemoryShortageError(f"{doing} ran out of memory{shortage.figures()}; {remedy}.") from error


def smaller_pictures(*, width: int, height: int, batch_size: int, fits: float) -> str:
    """What to lower so that a share `fits` of the work's memory is enough: the batch first, then the size.

    Memory grows with the pictures of a batch and with their area.
    """
    if batch_size > 1:
        fewer = max(1, min(batch_size - 1, math.floor(batch_size * fits)))
        return f"lower the batch size from {batch_size} to {fewer}"
    scale = math.sqrt(fits)
    smaller_width, smaller_height = _lowered(width, scale), _lowered(height, scale)
    if (smaller_width, smaller_height) == (width, height):
        return "close other programs that use the device"
    return f"lower the size from {width} x {height} to {smaller_width} x {smaller_height} pixels"


def in_gib(size: int) -> str:
    """`2.6 GiB`; small sizes in MiB."""
    return f"{size / _GIB:.1f} GiB" if size >= _GIB else f"{size / 2**20:.0f} MiB"


def _lowered(side: int, scale: float) -> int:
    """A side of the length times `scale`, rounded down to 64 pixels, or 8 for small pictures; at least 64."""
    unit = 64 if side > 256 else 8
    return min(side, max(_SMALLEST_SIDE, math.floor(side * scale / unit) * unit))


def _wanted(error: BaseException, before: MemoryUse | None, device: torch.device) -> int | None:
    """What the work had taken and the request that failed; never less than what was available."""
    found = _ASKED.search(str(error))
    asked = int(float(found[1]) * _UNITS[found[2]]) if found else None
    now = memory_use(device)
    if asked is None or before is None or now is None:
        return asked
    return max(asked + now.allocated - before.allocated, before.available)
