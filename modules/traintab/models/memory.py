"""Parts of a model that make room for others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["device_of", "free_cached_memory", "in_ram"]


@contextmanager
def in_ram(*modules: nn.Module) -> Iterator[None]:
    """Move `modules` to the CPU for the length of the block, and back to where each was, whatever happens.

    One module that can't be moved back doesn't keep the others from it; its error is raised at the end.
    """
    homes = [device_of(module) for module in modules]
    try:
        for module in modules:
            module.to("cpu")
        free_cached_memory()
        yield
    finally:
        failures = []
        for module, home in zip(modules, homes, strict=True):
            try:
                module.to(home)
            except RuntimeError as error:  # torch's out-of-memory error is one
                failures.append(error)
        if failures:
            raise failures[0]


def device_of(module: nn.Module) -> torch.device:
    """Where a module's weights are; a module without any counts as on the CPU."""
    parameter = next(module.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def free_cached_memory() -> None:
    """Hand back to the driver what torch keeps for later on the accelerator."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
