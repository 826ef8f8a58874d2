"""The header of a safetensors file: names, types, shapes and places of tensors, and texts beside them.

Format: safetensors' own description. Eight bytes of length, then JSON, then the numbers of all tensors one
after the other without gaps. Read here and not by the library, which takes the last of two equal names.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch

from ..refusal import Refusal
from ..untrusted import clean_text

__all__ = [
    "DTYPES",
    "LENGTH_BYTES",
    "MAX_HEADER_BYTES",
    "Header",
    "TensorEntry",
    "header_length",
    "read_header",
]

LENGTH_BYTES = 8
# LoRA files carry all their training tags here; an embedding's header has a few hundred bytes.
MAX_HEADER_BYTES = 8 << 20
_MAX_DIMENSIONS = 8
_MAX_NUMBER = 1 << 40
_METADATA = "__metadata__"

DTYPES: Mapping[str, torch.dtype] = MappingProxyType(
    {
        "F64": torch.float64,
        "F32": torch.float32,
        "F16": torch.float16,
        "BF16": torch.bfloat16,
        "C64": torch.complex64,
        "I64": torch.int64,
        "I32": torch.int32,
        "I16": torch.int16,
        "I8": torch.int8,
        "U8": torch.uint8,
        "BOOL": torch.bool,
        "F8_E4M3": torch.float8_e4m3fn,
        "F8_E5M2": torch.float8_e5m2,
    }
)


@dataclass(frozen=True)
class TensorEntry:
    """Where a tensor's numbers lie, in bytes behind the header, row after row."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Header:
    """All tensors of a file by name, and its metadata: a stranger's texts as they are."""

    tensors: Mapping[str, TensorEntry]
    metadata: Mapping[str, str]


def header_length(start: bytes) -> int:
    """The header's length from a file's first eight bytes; Refusal when it is longer than any header."""
    length = int.from_bytes(start[:LENGTH_BYTES], "little")
    if len(start) < LENGTH_BYTES or not 2 <= length <= MAX_HEADER_BYTES:
        raise _refusal("no header of a sensible length")
    return length


def read_header(header: bytes, data_bytes: int) -> Header:
    """The checked header of a file with `data_bytes` bytes behind it.

    Raises Refusal for what isn't JSON, for a name that occurs twice, an unknown type, a shape that doesn't
    fill its place, and for tensors that overlap, leave a gap or don't end where the file does.
    """
    try:
        fields = _DECODER.decode(header.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _refusal("a header that isn't JSON") from error
    if not isinstance(fields, dict):
        raise _refusal("a header that isn't a list of tensors")
    metadata = _metadata(fields.pop(_METADATA, None))
    tensors = {name: _entry(name, fields[name]) for name in fields}
    position = 0
    for start, end in sorted((entry.start, entry.end) for entry in tensors.values()):
        if start != position:
            raise _refusal("tensors that overlap or leave a gap")
        position = end
    if position != data_bytes:
        raise _refusal(f"{data_bytes} bytes of numbers where the header tells of {position}")
    return Header(tensors, metadata)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _refusal("a header in which a name occurs twice")
    return fields


_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates)


def _entry(name: str, fields: object) -> TensorEntry:
    match fields:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [start, end], **rest} if not rest:
            if dtype not in DTYPES:
                raise _refusal(f"the tensor {_shown(name)} of the unknown type {clean_text(dtype, 20)!r}")
            if len(shape) > _MAX_DIMENSIONS or not all(map(_is_count, (*shape, start, end))):
                raise _refusal(f"the tensor {_shown(name)} of an impossible shape or place")
            entry = TensorEntry(DTYPES[dtype], tuple(shape), start, end)
            if math.prod(shape) * entry.dtype.itemsize != end - start:
                raise _refusal(f"the tensor {_shown(name)}, whose shape doesn't fill its place")
            return entry
        case _:
            raise _refusal(f"the tensor {_shown(name)} without type, shape or place")


def _shown(name: str) -> str:
    return repr(clean_text(name, 60) or "")


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _MAX_NUMBER


def _metadata(fields: object) -> dict[str, str]:
    if fields is None:
        return {}
    if not isinstance(fields, dict) or not {str}.issuperset(map(type, fields.values())):
        raise _refusal("metadata that aren't texts")
    return fields


def _refusal(found: str) -> Refusal:
    return Refusal(f"no safetensors file ({found})", "a whole safetensors file")
