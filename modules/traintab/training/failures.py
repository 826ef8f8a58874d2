"""torch's out-of-memory errors in the program's own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import MemoryShortageError

__all__ = ["memory_shortage_told"]

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


@contextmanager
def memory_shortage_told(doing: str, remedy: str) -> Iterator[None]:
    """Turn running out of memory inside the block into MemoryShortageError: `doing` ran out, do `remedy`.

    Other errors pass. On the CPU torch raises a plain RuntimeError, known by its words.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        is_shortage = isinstance(error, MemoryError | torch.cuda.OutOfMemoryError)
        if not is_shortage and not any(sign in str(error) for sign in _SIGNS):
            raise
        raise MemoryShortageError(f"{doing} ran out of memory; {remedy}.") from error
