"""Tensors of a safetensors file, each read into memory of its own.

The library gives views of a memory map, whose pages stay in memory for as long as the file is open: a
float32 file that is loaded as bfloat16 would take three times what is kept of it. Format: safetensors' own
description. Eight bytes of length, then JSON, then the numbers of all tensors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, BinaryIO

import torch
from torch import nn

__all__ = ["TensorReader", "filled"]

_LENGTH_BYTES = 8
_NO_WEIGHTS = "position_ids"
_DTYPES: Mapping[str, torch.dtype] = MappingProxyType(
    {
        "F64": torch.float64,
        "F32": torch.float32,
        "F16": torch.float16,
        "BF16": torch.bfloat16,
        "F8_E4M3": torch.float8_e4m3fn,
        "F8_E5M2": torch.float8_e5m2,
        "I64": torch.int64,
        "I32": torch.int32,
        "I16": torch.int16,
        "I8": torch.int8,
        "U8": torch.uint8,
        "BOOL": torch.bool,
    }
)


@dataclass(frozen=True)
class TensorReader:
    """An open file whose header the library has found to be sound: no place lies outside of the file."""

    stream: BinaryIO
    entries: Mapping[str, Mapping[str, Any]]
    start: int

    @staticmethod
    def of(stream: BinaryIO) -> TensorReader:
        """Reads the header of `stream`, which stays open as long as tensors are read."""
        length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
        return TensorReader(stream, json.loads(stream.read(length)), _LENGTH_BYTES + length)

    def read(self, name: str) -> torch.Tensor:
        """The tensor as it is stored; raises ValueError for a kind of number that torch hasn't, OSError."""
        entry = self.entries[name]
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"{name} consists of {entry['dtype']}, which this program can't use")
        numbers = torch.empty(end - begin, dtype=torch.uint8)
        self.stream.seek(self.start + begin)
        if self.stream.readinto(numbers.numpy()) != end - begin:  # type: ignore[attr-defined]
            raise OSError(f"{name} is cut off")
        return numbers.view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])


def filled(module: nn.Module, tensors: Iterable[tuple[str, torch.Tensor]], dtype: torch.dtype) -> nn.Module:
    """The module, until now without numbers, with `tensors` cast to `dtype`, in evaluation mode.

    Each is cast before the next is asked for, so that a file of another dtype is never in memory as a whole;
    those that the module has no place for are left out. Raises ValueError if one is missing.
    """
    wanted = {name for name in module.state_dict() if not name.endswith(_NO_WEIGHTS)}
    state = {name: tensor.to(dtype).contiguous() for name, tensor in tensors if name in wanted}
    missing = sorted(wanted.difference(state))
    if missing:
        raise ValueError(f"the file lacks {len(missing)} weights, {missing[0]} first")
    module.load_state_dict(state, strict=False, assign=True)
    for name, buffer in list(module.named_buffers()):
        if buffer.is_meta:
            _number_positions(module, name, buffer)
    return module.eval()


def _number_positions(module: nn.Module, name: str, buffer: torch.Tensor) -> None:
    """CLIP keeps 0, 1, 2 … as a buffer, which no file needs to hold."""
    if not name.endswith(_NO_WEIGHTS):
        raise ValueError(f"the file lacks {name}")
    place, _, last = name.rpartition(".")
    positions = torch.arange(buffer.shape[-1]).expand(buffer.shape)
    module.get_submodule(place).register_buffer(last, positions, persistent=False)
