"""The JSON in picture cards, in which tensors are nested lists; in the text chunk it is base64."""

from __future__ import annotations

import base64
import binascii
import json
from array import array

import torch

from ..refusal import Refusal
from ..stored import MAX_ROWS, MAX_WIDTH, Storage, StoredTensor

__all__ = ["MAX_CARD_JSON", "MAX_CARD_TEXT", "decode_card_json", "decode_card_text"]

# 75 vectors of two text encoders take less than 4 MiB; this bounds what a hostile text can make grow.
MAX_CARD_JSON = 6 << 20
MAX_CARD_TEXT = MAX_CARD_JSON // 3 * 4
_TENSOR = "TORCHTENSOR"
_NUMBERS = frozenset((float, int))


def decode_card_text(text: bytes) -> object:
    """The tree of a chunk's value: `decode_card_json` of what its base64 says. Raises Refusal."""
    if len(text) > MAX_CARD_TEXT:
        raise Refusal(f"an embedding text of {len(text) >> 20} MiB", f"at most {MAX_CARD_TEXT >> 20} MiB")
    try:
        return decode_card_json(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise _damaged() from error


def decode_card_json(data: bytes) -> object:
    """The tree of a card's JSON, with every `{"TORCHTENSOR": ...}` as a StoredTensor of 64-bit floats.

    Raises Refusal for anything but UTF-8 JSON with rectangular tensors of at most two dimensions.
    """
    if len(data) > MAX_CARD_JSON:
        raise Refusal(f"an embedding text of {len(data) >> 20} MiB", f"at most {MAX_CARD_JSON >> 20} MiB")
    try:
        return json.loads(data.decode("utf-8"), object_hook=_tensor_or_dict)
    except (ValueError, OverflowError, RecursionError) as error:
        raise _damaged() from error


def _damaged() -> Refusal:
    return Refusal("an embedding text that can't be decoded", "base64 of JSON", "The picture is damaged.")


def _tensor_or_dict(fields: dict[str, object]) -> object:
    return _stored(fields[_TENSOR]) if len(fields) == 1 and _TENSOR in fields else fields


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
    return isinstance(row, list) and _NUMBERS.issuperset(map(type, row))
