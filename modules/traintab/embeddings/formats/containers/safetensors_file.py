"""Safetensors files, from bytes: tensors are views into them."""

from __future__ import annotations

from ..refusal import Refusal
from ..stored import Contents, Storage, StoredTensor
from .safetensors_header import LENGTH_BYTES, TensorEntry, header_length, read_header

__all__ = ["read_safetensors", "stored_tensor"]


def read_safetensors(data: bytes) -> Contents:
    """The tensors and the metadata of a safetensors file; Refusal when its header isn't sound.

    Tensors of other types than floats stay in the tree as ones that `read_vectors` refuses.
    """
    begin = LENGTH_BYTES + header_length(data[:LENGTH_BYTES])
    if begin > len(data):
        raise Refusal("no safetensors file (its header is cut off)", "a whole safetensors file")
    header = read_header(data[LENGTH_BYTES:begin], len(data) - begin)
    numbers = memoryview(data)[begin:]
    tree = {
        name: stored_tensor(entry, numbers[entry.start : entry.end]) for name, entry in header.tensors.items()
    }
    return Contents(tree=tree, metadata=header.metadata)


def stored_tensor(entry: TensorEntry, numbers: memoryview) -> StoredTensor:
    """The tensor of an entry whose bytes are `numbers`."""
    storage = Storage(entry.dtype, key="", count=len(numbers) // entry.dtype.itemsize, data=numbers)
    return StoredTensor(storage, 0, entry.shape, _contiguous(entry.shape))


def _contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a tensor of this shape that lies row after row."""
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return tuple(strides[: len(shape)])
