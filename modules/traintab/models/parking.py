"""A module whose weights wait on the disk, where there is no other memory for them than the one it frees."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import torch
from torch import nn

__all__ = ["awake", "parked"]

_ATTRIBUTE = "_parked_weights"


class _ParkedWeights:
    """Weights in a nameless file, which goes with the process; the module has their shapes meanwhile."""

    def __init__(self, module: nn.Module, file: BinaryIO) -> None:
        self._tensors = [*module.parameters(), *module.buffers()]
        self._file = file
        for tensor in self._tensors:
            file.write(_bytes_of(tensor.detach().contiguous()))
        file.flush()
        self.release()

    def release(self) -> None:
        """Give up the weights' memory; what the module computes until `bring_back` means nothing."""
        for tensor in self._tensors:
            tensor.data = torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)

    def bring_back(self) -> None:
        """The very bits again; raises OSError."""
        self._file.seek(0)
        for tensor in self._tensors:
            weights = torch.empty(tensor.shape, dtype=tensor.dtype)
            if self._file.readinto(_bytes_of(weights)) != weights.nbytes:  # type: ignore[attr-defined]
                raise OSError("weights that waited on the disk are cut off")
            tensor.data = weights


def _bytes_of(tensor: torch.Tensor) -> memoryview:
    return tensor.reshape(-1).view(torch.uint8).numpy().data


@contextmanager
def parked(module: nn.Module, folder: Path) -> Iterator[None]:
    """Free the memory of a module on the processor for the length of the block; `awake` brings it back.

    Its weights lie in a nameless file in `folder`. Where that can't be written, nothing is freed.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
            weights = _ParkedWeights(module, file)
        except OSError:
            weights = None
        if weights is None:
            yield
            return
        setattr(module, _ATTRIBUTE, weights)
        try:
            yield
        finally:
            delattr(module, _ATTRIBUTE)
            weights.bring_back()


@contextmanager
def awake(module: nn.Module) -> Iterator[None]:
    """Have the weights of a module that may be parked for the length of the block."""
    weights = getattr(module, _ATTRIBUTE, None)
    if weights is None:
        yield
        return
    weights.bring_back()
    delattr(module, _ATTRIBUTE)  # whoever asks for them inside has them
    try:
        yield
    finally:
        weights.release()
        setattr(module, _ATTRIBUTE, weights)
