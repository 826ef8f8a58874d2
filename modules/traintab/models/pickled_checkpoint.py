"""Checkpoints as torch pickles them (`.ckpt`), read as data only."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

__all__ = ["PickleRefused", "read_pickled"]

_NESTED = "state_dict"
_MAX_NESTING = 4
# What old trainers left beside the weights: counters and callbacks, which nobody needs. Each is read as an
# inert record instead of what it names.
_LEFT_BY_TRAINERS = (
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
    "pytorch_lightning.callbacks.early_stopping.EarlyStopping",
    "lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.dtype",
    "numpy.dtypes.Float64DType",
    "numpy.dtypes.Int64DType",
    "_codecs.encode",
)


class PickleRefused(Exception):
    """The file asks for more than data; the message is the end of the sentence "it was not loaded: …"."""


def read_pickled(path: Path, *, is_zip: bool) -> Mapping[str, torch.Tensor]:
    """The tensors of a pickled checkpoint by name, without what a trainer may have left beside them.

    A zip file's weights stay on the disk until they are used; an old one (before torch 1.6) is read whole.
    Raises PickleRefused for a file that names anything but data, and what torch raises for a broken one.
    """
    try:
        with _inert_records():
            loaded = _load(path, is_mapped=is_zip)
    except pickle.UnpicklingError as error:
        raise PickleRefused(
            "it holds more than numbers, and reading that could run a stranger's program; get the model as"
            f" .safetensors ({_first_line(error)})"
        ) from error
    return _tensors(loaded)


def _load(path: Path, *, is_mapped: bool) -> object:
    # Not torch.load: web UIs replace it by one that gives None, or renames the file.
    load = torch.serialization.load
    if path.suffix != ".safetensors":
        return load(str(path), map_location="cpu", weights_only=True, mmap=is_mapped or None)
    with path.open("rb") as stream:  # by such a name torch would expect another format
        return load(stream, map_location="cpu", weights_only=True)


def _tensors(loaded: object) -> dict[str, torch.Tensor]:
    """The tensors of the innermost `state_dict`; those of an embedding file under `string_to_param.`."""
    for _ in range(_MAX_NESTING):
        inner = loaded.get(_NESTED) if isinstance(loaded, dict) else None
        if not isinstance(inner, dict):
            break
        loaded = inner
    found: dict[str, torch.Tensor] = {}
    for name, value in loaded.items() if isinstance(loaded, dict) else ():
        if isinstance(value, torch.Tensor):
            found[str(name)] = value
        elif isinstance(value, dict) and name == "string_to_param":
            found.update((f"{name}.{key}", t) for key, t in value.items() if isinstance(t, torch.Tensor))
    return found


class _Inert:
    """Takes whatever a pickle gives it and does nothing with it."""

    def __init__(self, *_arguments: object) -> None:
        pass

    def __setstate__(self, _state: object) -> None:
        pass


def _inert_records() -> AbstractContextManager[Any]:
    """Let torch read the known leftovers as inert records; before torch 2.5 such files are refused."""
    allow = getattr(torch.serialization, "safe_globals", None)
    if allow is None:
        return nullcontext()
    records = []
    for name in _LEFT_BY_TRAINERS:
        module, _, last = name.rpartition(".")
        records.append(type(last, (_Inert,), {"__module__": module, "__qualname__": last}))
    manager: AbstractContextManager[Any] = allow(records)
    return manager


def _first_line(error: Exception) -> str:
    """torch explains at length; the name of what was refused is in the first lines."""
    text = " ".join(str(error).split())
    return text[:200]
