"""`<file>.pt.optim`: what A1111's optimizer remembers of an embedding, beside it.

A dictionary with `hash`, the checksum of the vectors it belongs to, and `optimizer_state_dict`, that of
torch's AdamW with the vectors as its only parameter. A1111 reads it from the embeddings folder when training
goes on, and only for vectors with that checksum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch

from ..errors import NonFiniteError
from ..files import write_atomically
from .checksum import checksum
from .formats.containers import read_container
from .formats.file_bytes import read_file
from .formats.refusal import Refusal, naming_file
from .formats.stored import StoredTensor, read_vectors
from .formats.writing import torch_saved

__all__ = ["OptimizerMoments", "companion_path", "read_optimizer_companion", "write_optimizer_companion"]

_MAX_UPDATES = 10**9
_COUNTS = (torch.float32, torch.float64, torch.int32, torch.int64)
_REMEDY = "Delete it: training then goes on with the vectors and a fresh optimizer."


@dataclass(frozen=True, kw_only=True, eq=False)
class OptimizerMoments:
    """AdamW's memory of vectors: float32 tensors `[num_vectors, width]` on the CPU, and `updates` so far."""

    updates: int
    exp_avg: torch.Tensor
    exp_avg_sq: torch.Tensor


def companion_path(path: Path) -> Path:
    """Where the companion of the embedding file `path` lies."""
    return path.with_name(f"{path.name}.optim")


def write_optimizer_companion(
    path: Path, vectors: torch.Tensor, moments: OptimizerMoments, *, learning_rate: float
) -> Path:
    """Write the companion of the embedding file `path`, which holds `vectors`; give where it is.

    `vectors` are `[num_vectors, width]`, as in the file. Raises NonFiniteError rather than saving NaN, and
    StorageError.
    """
    target = companion_path(path)
    if not all(bool(torch.isfinite(each).all()) for each in (moments.exp_avg, moments.exp_avg_sq)):
        raise NonFiniteError(
            f"Writing {target}: the optimizer's averages aren't finite numbers; nothing was written."
        )
    parameter = torch.nn.Parameter(vectors.detach().to("cpu", torch.float32, copy=True))
    optimizer = torch.optim.AdamW([parameter], lr=learning_rate, weight_decay=0.0)
    optimizer.state[parameter] = {
        "step": torch.tensor(float(moments.updates)),
        "exp_avg": moments.exp_avg.detach().to("cpu", torch.float32, copy=True).contiguous(),
        "exp_avg_sq": moments.exp_avg_sq.detach().to("cpu", torch.float32, copy=True).contiguous(),
    }
    tree = {"hash": checksum(parameter), "optimizer_state_dict": optimizer.state_dict()}
    write_atomically(target, torch_saved(tree))
    return target


def read_optimizer_companion(path: Path, vectors: torch.Tensor) -> OptimizerMoments | None:
    """What the companion of the embedding file `path` remembers of `vectors`, `[num_vectors, width]`.

    None when there is no companion, or it belongs to other vectors. Raises EmbeddingFileError for a broken
    or hostile one; nothing in it is run.
    """
    companion = companion_path(path)
    if not companion.exists():
        return None
    with naming_file(companion):
        tree = read_container(".pt", read_file(companion)).tree
        if not isinstance(tree, dict) or not isinstance(state := tree.get("optimizer_state_dict"), dict):
            raise Refusal("no optimizer state", "what A1111 writes beside an embedding", _REMEDY)
        if tree.get("hash") != checksum(vectors):
            return None
        return _moments(state, vectors.shape)


def _moments(state: dict[object, object], shape: torch.Size) -> OptimizerMoments:
    """The memory of the one parameter in torch's `state_dict()`; Refusal unless it fits the vectors."""
    match state.get("state"):
        case {
            0: {"step": step, "exp_avg": StoredTensor() as average, "exp_avg_sq": StoredTensor() as squares}
        }:
            exp_avg, exp_avg_sq = read_vectors(average), read_vectors(squares)
        case _:
            raise Refusal("the state of another optimizer", "AdamW's for one tensor", _REMEDY)
    if exp_avg.shape != shape or exp_avg_sq.shape != shape:
        raise Refusal(
            f"moments of {list(exp_avg.shape)} and {list(exp_avg_sq.shape)} numbers",
            f"{list(shape)}, as many as the vectors",
            _REMEDY,
        )
    if bool((exp_avg_sq < 0).any()):
        raise Refusal("averages of squares below zero", "zero or more", _REMEDY)
    return OptimizerMoments(updates=_updates(step), exp_avg=exp_avg, exp_avg_sq=exp_avg_sq)


def _updates(step: object) -> int:
    """A count, or the tensor without dimensions in which torch keeps it since 1.12."""
    if isinstance(step, StoredTensor):
        step = _single_number(step)
    if isinstance(step, bool) or not isinstance(step, (int, float)) or not 0 <= step <= _MAX_UPDATES:
        raise Refusal("a number of updates that can't be", f"0 to {_MAX_UPDATES}", _REMEDY)
    return int(step)


def _single_number(stored: StoredTensor) -> float:
    storage, size = stored.storage, stored.storage.dtype.itemsize
    start = (storage.first + stored.offset) * size
    is_one = math.prod(stored.shape) == 1 and storage.first >= 0 and stored.offset >= 0
    is_plain = storage.dtype in _COUNTS
    if storage.data is None or not (is_one and is_plain) or start + size > len(storage.data):
        raise Refusal("a number of updates without a place in the file", "one number", _REMEDY)
    number = torch.frombuffer(bytearray(storage.data[start : start + size]), dtype=storage.dtype)
    return float(number[0])
