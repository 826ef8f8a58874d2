"""Bringing small tensors to the device without making the program wait for it."""

from __future__ import annotations

import torch

__all__ = ["to_device"]


def to_device(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """`tensor` on `device`, where what is computed next may use it.

    A copy from ordinary memory to an NVIDIA or AMD card stops the program until the card has done all that
    is in its queue; one from pinned memory takes its place in the queue. Pinned memory is kept by torch and
    used again.
    """
    if device.type != "cuda" or tensor.device.type != "cpu":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)
