"""The value of the chunk `sd-ti-embedding`: base64 of JSON in which tensors are nested lists."""

from __future__ import annotations

import base64
import binascii
import json
from array import array

import torch

from ..refusal import Refusal
from ..stored import MAX_ROWS, MAX_WIDTH, Storage, StoredTensor

__all__ = ["MAX_CARD_TEXT", "decode_card_text"]

# 75 vectors of two text encoders take 4 MiB as JSON; this bounds what a hostile text can make grow.
MAX_CARD_TEXT = 12 << 20
_TENSOR = "TORCHTENSOR"


def decode_card_text(text: bytes) -> object:
    """The tree of a chunk's value, with every `{"TORCHTENSOR": ...}` as a StoredTensor of 64-bit floats.

    Raises Refusal for anything but base64 of JSON with rectangular tensors of at most two dimensions.
    """
    if len(text) > MAX_CARD_TEXT:
        raise Refusal(f"an embedding text of {len(text) >> 20} MiB", f"at most {MAX_CARD_TEXT >> 20} MiB")
    try:
        return json.loads(base64.b64decode(text, validate=True), object_hook=_tensor_or_dict)
    except (binascii.Error, ValueError, OverflowError, RecursionError) as error:
        raise Refusal(
            "an embedding text that can't be decoded", "base64 of JSON", "The picture is damaged."
        ) from error


def _tensor_or_dict(fields: dict[str, object]) -> object:
    return _stored(fields[_TENSOR]) if set(fields) == {_TENSOR} else fields


def _stored(nested: object) -> StoredTensor:
    rows = nested if isinstance(nested, list) else []
    is_flat = not (rows and isinstance(rows[0], list))
    numbers = array("d")
    widths: set[int] = set()
    for row in [rows] if is_flat else rows:
        if len(widths) > 1 or len(numbers) > MAX_ROWS * MAX_WIDTH or not _is_numbers(row):
            raise Refusal("a tensor that isn't a rectangle of numbers", "rows of numbers")
        numbers.extend(row)
        widths.add(len(row))
    if len(widths) != 1:
        raise Refusal("a tensor that isn't a rectangle of numbers", "rows of numbers")
    width = widths.pop()
    storage = Storage(torch.float64, key="", count=len(numbers), data=memoryview(numbers.tobytes()))
    if is_flat:
        return StoredTensor(storage, 0, (width,), (1,))
    return StoredTensor(storage, 0, (len(rows), width), (width, 1))


def _is_numbers(row: object) -> bool:
    return isinstance(row, list) and all(type(value) in (float, int) for value in row)
