"""The random generators that belong to the whole process."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, cast

import numpy
import torch

__all__ = ["GlobalGenerators"]


class GlobalGenerators:
    """A part of the training state: torch's, Python's, numpy's and the training device's generators.

    Training draws from a generator of its own. Whatever else may draw while it runs, such as a web UI's
    replacement for attention, goes on after a resume with the numbers that it would have got.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def state_dict(self) -> dict[str, Any]:
        """Copies; whole numbers, texts, and tensors of bytes and whole numbers on the CPU."""
        kind, keys, *others = cast(Any, numpy.random.get_state(legacy=True))
        return {
            "torch": torch.get_rng_state(),
            "python": random.getstate(),
            "numpy": (str(kind), torch.from_numpy(keys.view("int32")), *others),
            "device": _device_state(self._device),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let all go on from there; another device's generator is left alone."""
        torch.set_rng_state(state["torch"])
        version, numbers, gauss = state["python"]
        random.setstate((version, tuple(numbers), gauss))
        kind, keys, *others = state["numpy"]
        numpy.random.set_state((kind, keys.numpy().view("uint32"), *others))
        if state["device"] is not None and state["device"][0] == self._device.type:
            _set_device_state(self._device, state["device"][1])


def _device_state(device: torch.device) -> tuple[str, torch.Tensor] | None:
    """The kind of device and its generator's state; None for the CPU and for devices without one."""
    if device.type == "cuda":
        return device.type, torch.cuda.get_rng_state(device)
    if device.type == "mps":
        return device.type, torch.mps.get_rng_state()
    return None


def _set_device_state(device: torch.device, state: torch.Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.mps.set_rng_state(state)
