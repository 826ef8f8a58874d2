"""The closed table of names that a pickled embedding may use, each an inert record of ours.

What torch 0.4 to 2.13 write for tensors, parameters and the old ParameterDict, and numpy for a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from ..stored import ParameterDictRecord, Storage, StoredTensor
from .pickle_machine import Constructor
from .pickle_opcodes import pickle_refusal

__all__ = ["TORCH_NAMES", "StorageType", "read_storage_id"]

_Arguments = tuple[object, ...]
_MAX_DIMENSIONS = 8
_MAX_ITEMS = 1000
_FROM_TYPE = "torch._tensor _rebuild_from_type_v2"


@dataclass(frozen=True)
class StorageType:
    """Stands for a torch storage class, which says the type of the numbers."""

    dtype: torch.dtype


@dataclass(frozen=True, eq=False)
class _Unused:
    """Stands for something harmless that no embedding needs."""


def read_storage_id(persistent_id: object) -> Storage | None:
    """The storage that a persistent id `("storage", type, key, location, count)` names, None for another id.

    The location (a device of the writer's machine) is ignored. Raises Refusal for a malformed one.
    """
    match persistent_id:
        case ("storage", StorageType(dtype=dtype), str(key), _, int(count), *_) if count >= 0:
            return Storage(dtype=dtype, key=key, count=count)
        case ("storage", *_):
            raise pickle_refusal("a tensor with a malformed storage")
        case _:
            return None


def _tensor(arguments: _Arguments) -> object:
    match arguments:
        case (Storage() as storage, int(offset), tuple(shape), tuple(stride), *_) if (
            len(shape) == len(stride) <= _MAX_DIMENSIONS
        ):
            return StoredTensor(storage, offset, _whole(shape), _whole(stride))
        case _:
            raise pickle_refusal("a tensor that isn't plain and strided")


def _whole(values: _Arguments) -> tuple[int, ...]:
    numbers = tuple(value for value in values if isinstance(value, int) and abs(value) < 1 << 40)
    if len(numbers) != len(values):
        raise pickle_refusal("a tensor with a malformed shape")
    return numbers


def _first(arguments: _Arguments) -> object:
    return arguments[0]


def _from_type(arguments: _Arguments) -> object:
    """`_rebuild_from_type_v2(function, type, arguments, state)`: the function's tensor, attributes unread."""
    match arguments:
        case (Constructor() as constructor, _, tuple(inner), *_) if constructor.name != _FROM_TYPE:
            return constructor.make(inner)
        case _:
            raise pickle_refusal("a tensor of an unknown class")


def _ordered_dict(arguments: _Arguments) -> object:
    """Python 2 wrote the items as a list of pairs in the call."""
    items: dict[object, object] = {}
    pairs = arguments[0] if arguments and isinstance(arguments[0], list) else []
    if len(pairs) > _MAX_ITEMS:
        raise pickle_refusal(f"a dictionary of {len(pairs)} items in one call")
    for pair in pairs:
        match pair:
            case [str() | int() as key, value] | (str() | int() as key, value):
                items[key] = value
            case _:
                raise pickle_refusal("a dictionary with malformed items")
    return items


def _table() -> Mapping[str, object]:
    makers: dict[str, Callable[[_Arguments], object]] = {
        "collections OrderedDict": _ordered_dict,
        "torch._utils _rebuild_tensor": _tensor,
        "torch._utils _rebuild_tensor_v2": _tensor,
        "torch._utils _rebuild_parameter": _first,
        "torch._utils _rebuild_parameter_with_state": _first,
        _FROM_TYPE: _from_type,
        "torch.nn.parameter Parameter": _first,
        "torch.nn.modules.container ParameterDict": lambda _: ParameterDictRecord(),
        "torch Size": _first,
    }
    unused = (
        "torch device",
        "torch Tensor",
        "numpy dtype",
        "_codecs encode",
        "__builtin__ set",
        "builtins set",
    )
    scalars = ("numpy.core.multiarray scalar", "numpy._core.multiarray scalar")
    makers.update({name: lambda _: _Unused() for name in (*unused, *scalars)})
    storages = {
        "Float": torch.float32,
        "Half": torch.float16,
        "BFloat16": torch.bfloat16,
        "Double": torch.float64,
        "Long": torch.int64,
        "Int": torch.int32,
        "Byte": torch.uint8,
        "Bool": torch.bool,
    }
    types = {f"torch {name}Storage": StorageType(dtype) for name, dtype in storages.items()}
    on_cuda = {f"torch.cuda {name}Storage": StorageType(dtype) for name, dtype in storages.items()}
    dtypes = {f"torch {str(dtype).removeprefix('torch.')}": _Unused() for dtype in storages.values()}
    return {**{name: Constructor(name, make) for name, make in makers.items()}, **types, **on_cuda, **dtypes}


TORCH_NAMES = _table()
