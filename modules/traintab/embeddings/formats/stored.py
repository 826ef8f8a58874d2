"""What containers hand to schemas: plain values, and tensors that are still bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from .refusal import Refusal

__all__ = [
    "KNOWN_WIDTHS",
    "MAX_ROWS",
    "MAX_WIDTH",
    "Contents",
    "ParameterDictRecord",
    "Storage",
    "StoredTensor",
    "read_vectors",
]

MAX_ROWS = 75
MAX_WIDTH = 4096
# CLIP-L, OpenCLIP-H, OpenCLIP-bigG, two sizes of T5 and Gemma, Llama: what programs write vectors for.
KNOWN_WIDTHS = (768, 1024, 1280, 2048, 2304, 4096)
# Models made on one computer, such as the demo model (128), are smaller than CLIP's smallest text encoder.
_SMALL_WIDTHS = range(8, 513, 8)
# Trained vectors stay below 100; half precision, in which models run, ends at 65504.
_MAX_ABSOLUTE = 6e4
_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)


@dataclass(eq=False)
class Storage:
    """`count` numbers from number `first` on of `data`, which is None until its bytes were found."""

    dtype: torch.dtype
    key: str
    count: int
    first: int = 0
    data: memoryview | None = None


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A strided view of a storage as a file describes it; nothing of it has been checked."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(eq=False)
class ParameterDictRecord:
    """Stands for a pickled torch ParameterDict: its state, never the object."""

    state: dict[object, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A file's tree of dicts, lists, texts, numbers and StoredTensors, and the metadata beside it.

    All texts are a stranger's: whoever takes one cleans it (`untrusted.clean_text`).
    """

    tree: object
    metadata: Mapping[str, str] = field(default_factory=dict)


def read_vectors(stored: StoredTensor) -> torch.Tensor:
    """The tensor as float32 `[num_vectors, width]` in memory of its own; a 1-D tensor is one vector.

    Raises Refusal unless it is a plain float tensor of 1 to 75 rows, as wide as a text encoder can be, lies
    within its storage, is finite and below 6e4. Whether it fits a model is for `Embedding.fits` to say.
    """
    shape = stored.shape if len(stored.shape) != 1 else (1, *stored.shape)
    stride = stored.stride if len(stored.shape) != 1 else (*shape[1:], *stored.stride)
    _check_shape(shape, stored.storage.dtype)
    values = _numbers(stored.storage, stored.offset, shape, stride)
    vectors = values.to(torch.float32).contiguous()
    lowest, highest = torch.aminmax(vectors)  # both are NaN when one number is
    largest = max(-float(lowest), float(highest))
    if not math.isfinite(largest):
        raise Refusal("vectors with NaN or infinite numbers", "finite numbers", "Use an earlier copy of it.")
    if largest >= _MAX_ABSOLUTE:
        raise Refusal(
            f"vectors with numbers up to {largest:.3g}",
            f"numbers below {_MAX_ABSOLUTE:g}, as models can use",
            "Use an earlier copy of it.",
        )
    return vectors


def _check_shape(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    if dtype not in _FLOATS:
        raise Refusal(f"numbers of type {dtype}", "floating point numbers")
    if len(shape) != 2:
        raise Refusal(f"a tensor with {len(shape)} dimensions", "vectors: a tensor with 1 or 2 dimensions")
    rows, width = shape
    if not 1 <= rows <= MAX_ROWS:
        raise Refusal(f"{rows} vectors", f"1 to {MAX_ROWS}, what fits into a prompt")
    if width not in KNOWN_WIDTHS and width not in _SMALL_WIDTHS:
        raise Refusal(
            f"vectors of {width} numbers",
            "768 (SD1), 1024 (SD2), 768 and 1280 (SDXL) or another text encoder's width",
        )


def _numbers(storage: Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]) -> torch.Tensor:
    """The view `[num_vectors, width]` in the storage's own dtype, over a copy of only the bytes it uses."""
    if storage.data is None or storage.first < 0 or offset < 0 or len(stride) != 2 or min(stride) < 0:
        raise Refusal("a tensor without a place in the file", "a tensor stored in the file")
    last = offset + (shape[0] - 1) * stride[0] + (shape[1] - 1) * stride[1]
    size = storage.dtype.itemsize
    if last >= storage.count or (storage.first + storage.count) * size > len(storage.data):
        raise Refusal(
            "a tensor that reaches beyond its storage", "all its numbers", "The file is cut off or forged."
        )
    start = (storage.first + offset) * size
    used = bytearray(storage.data[start : start + (last - offset + 1) * size])
    return torch.frombuffer(used, dtype=storage.dtype).as_strided(shape, stride)
