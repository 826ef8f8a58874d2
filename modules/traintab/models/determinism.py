"""The same bits each time, on a graphics card too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import ModelError

__all__ = ["deterministic"]

# What cuBLAS needs for that, by its documentation; only what the user has set himself is left alone.
_WORKSPACE = ("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Let `device` add up in the same order each time, for the length of the block.

    The processor does so always; nothing is changed for it. Raises ModelError when the model computes
    something that has no such way on the card.
    """
    if device.type != "cuda":
        yield
        return
    os.environ.setdefault(*_WORKSPACE)
    cudnn = torch.backends.cudnn
    before = torch.are_deterministic_algorithms_enabled(), cudnn.deterministic, cudnn.benchmark
    try:
        torch.use_deterministic_algorithms(True)
        cudnn.deterministic, cudnn.benchmark = True, False
        yield
    except RuntimeError as error:
        if "deterministic" not in str(error):
            raise
        raise ModelError(
            "Training deterministically failed, because the model computes something that this torch can't"
            f" repeat to the bit on {device}: {str(error).splitlines()[0]} Switch Deterministic on graphics"
            " cards off, and go on."
        ) from error
    finally:
        torch.use_deterministic_algorithms(before[0])
        cudnn.deterministic, cudnn.benchmark = before[1:]
