"""A command in each of several processes that a launcher started."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..errors import InputError, LostProcessError, NonFiniteError
from .output import Output

__all__ = ["in_each_process"]


def in_each_process(work: Callable[[], int], output: Output) -> int:
    """The exit status of `work`, which every process does and the first one alone tells of.

    What goes wrong in all alike, or because another one is gone, is left to the first to say; the others end
    after it. What goes wrong in another one alone is said by that.
    """
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return work()
    from ..training.processes import joined

    with joined() as processes:
        if processes.is_first:
            return work()
        output.is_silent = True
        try:
            status = work()
        except (NonFiniteError, LostProcessError) as error:
            status = error.exit_status
        except InputError as error:
            if not processes.first_ends_too():
                raise
            return error.exit_status
        finally:
            output.is_silent = False
        if status:
            processes.first_ends_too()
        return status
