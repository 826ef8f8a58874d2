"""A model in full precision for a while, for pictures that half precision breaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from .model import Model

__all__ = ["in_float32", "is_exact"]


def is_exact(model: Model) -> bool:
    """Whether the UNet computes in float32 already, so that nothing more exact is left to try."""
    return model.dtype == torch.float32


@contextmanager
def in_float32(model: Model) -> Iterator[Model]:
    """The model with its UNet in float32 for the length of the block.

    Only the UNet changes: text encoders and VAE are float32 always, so that decoding never breaks on half
    precision. Afterwards the UNet has the very bits it had, whatever happens: float16 and bfloat16 go into
    float32 and back without loss. Meanwhile it takes twice its memory.
    """
    weights = [*model.unet.parameters(), *model.unet.buffers()]
    weights = [weight for weight in weights if weight.is_floating_point()]
    dtypes = [weight.dtype for weight in weights]
    try:
        for weight in weights:
            weight.data = weight.data.float()
        yield replace(model, dtype=torch.float32)
    finally:
        for weight, dtype in zip(weights, dtypes, strict=True):
            weight.data = weight.data.to(dtype)
