"""Safetensors files, through the library, from bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import cast

import safetensors
import torch

from ..refusal import Refusal
from ..stored import Contents, Storage, StoredTensor
from ..untrusted import MAX_TEXT, clean_text

__all__ = ["read_safetensors"]

_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64}
_MAX_METADATA = 200

# The library gives this function no types: name and {"dtype", "shape", "data"} of every tensor.
_deserialize = cast(Callable[[bytes], list[tuple[str, Mapping[str, object]]]], safetensors.deserialize)


def read_safetensors(data: bytes) -> Contents:
    """The tensors and the cleaned metadata of a safetensors file; Refusal when the library refuses it.

    Tensors of other types than floats stay in the tree as ones that `read_vectors` refuses.
    """
    try:
        tensors = _deserialize(data)
    except safetensors.SafetensorError as error:
        raise Refusal(
            f"no safetensors file ({clean_text(str(error))})", "a whole safetensors file"
        ) from error
    return Contents(tree={name: _stored(entry) for name, entry in tensors}, metadata=_metadata(data))


def _stored(entry: Mapping[str, object]) -> StoredTensor:
    shape = entry["shape"]
    values = entry["data"]
    if not isinstance(shape, list | tuple) or not isinstance(values, bytes | bytearray):
        raise Refusal("a tensor without shape or data", "a whole safetensors file")
    dtype = _DTYPES.get(str(entry["dtype"]), torch.uint8)
    storage = Storage(dtype, key="", count=len(values) // dtype.itemsize, data=memoryview(values))
    return StoredTensor(storage, 0, tuple(shape), _contiguous(tuple(shape)))


def _contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a tensor of this shape that lies row after row."""
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return tuple(strides[: len(shape)])


def _metadata(data: bytes) -> dict[str, str]:
    """`__metadata__` of the header, which the library has found sound but gives from files only."""
    header_size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + header_size])
    metadata = header.get("__metadata__") or {}
    pairs = [(clean_text(key), clean_text(value)) for key, value in list(metadata.items())[:_MAX_METADATA]]
    return {key: value for key, value in pairs if key and value and len(key) <= MAX_TEXT}
