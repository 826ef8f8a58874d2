"""A module whose weights wait on the disk, where there is no other memory for them than the one it frees."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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

    def close(self) -> None:
        """Give up the file."""
        self._file.close()


def _bytes_of(tensor: torch.Tensor) -> memoryview:
    return tensor.reshape(-1).view(torch.uint8).numpy().data


@contextmanager
def parked(module: nn.Module, folder: Path) -> Iterator[None]:
    """Free the memory of a module on the processor for the length of the block; `awake` brings it back.

    Its weights lie in a nameless file in `folder`. Where that can't be written, nothing is freed.
    """
    weights = _written(module, folder)
    if weights is None:
        yield
        return
    setattr(module, _ATTRIBUTE, weights)
    try:
        yield
    finally:
        delattr(module, _ATTRIBUTE)
        weights.bring_back()
        weights.close()


def _written(module: nn.Module, folder: Path) -> _ParkedWeights | None:
    """The module's weights in a file; None where they can't be written, and then no part of them stays."""
    try:
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it outlives this function
    except OSError:
        return None
    try:
        return _ParkedWeights(module, file)
    except OSError:
        # On a full disk the training needs what little there is; closing tries to write the rest once more.
        with contextlib.suppress(OSError):
            file.close()
        return None


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
