"""Gradient checkpointing of a UNet, and what a pass keeps for its gradient without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

__all__ = ["TooMuchKept", "kept_within", "set_checkpointing"]


class TooMuchKept(Exception):
    """A pass has kept more than it may; `kept` bytes until then."""

    def __init__(self, kept: int) -> None:
        super().__init__(f"more than {kept} bytes are kept for the gradient")
        self.kept = kept


def set_checkpointing(unet: nn.Module, is_on: bool) -> None:
    """Have the UNet's blocks compute their insides again in the backward pass, instead of keeping them.

    The numbers are the same to the last bit. In older diffusers only a module in training mode does so; that
    changes nothing else in a UNet, whose dropout is of 0.
    """
    if is_on:
        unet.enable_gradient_checkpointing()  # type: ignore[operator]
    else:
        unet.disable_gradient_checkpointing()  # type: ignore[operator]
    unet.train(is_on)


@contextmanager
def kept_within(limit: float, frozen: Iterable[torch.Tensor]) -> Iterator[None]:
    """Raise TooMuchKept as soon as the passes in the block keep more than `limit` bytes for the gradient.

    The `frozen` weights, which are there anyway, don't count, and memory that is shared counts once.
    """
    seen = {tensor.untyped_storage().data_ptr() for tensor in frozen}
    kept = 0

    def count(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal kept
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in seen:
            seen.add(storage.data_ptr())
            kept += storage.nbytes()
            if kept > limit:
                raise TooMuchKept(kept)
        return tensor.detach()  # itself would hold its own graph, and with it all that a refused pass kept

    def as_it_is(tensor: Any) -> Any:
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, as_it_is):
        yield
