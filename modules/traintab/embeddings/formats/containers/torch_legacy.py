"""torch's legacy layout, from before 1.6 and what the web UIs still need: pickles, then raw storages.

Magic number, protocol and system facts are a pickle each, then the object, then the list of storage keys;
for every key a 64-bit count and the numbers follow.
"""

from __future__ import annotations

import struct

from ..refusal import Refusal
from ..stored import Contents, Storage
from .pickle_machine import load_pickle
from .pickle_opcodes import Cursor, pickle_refusal
from .torch_names import TORCH_NAMES, read_storage_id

__all__ = ["MAX_PICKLE_BYTES", "read_torch_legacy"]

# An embedding's pickle has a few hundred bytes; this bounds what a hostile one can make grow.
MAX_PICKLE_BYTES = 1 << 20
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


def read_torch_legacy(data: bytes) -> Contents:
    """The contents of a file in the legacy layout; Refusal for anything else.

    Bytes after the last storage are ignored.
    """
    view = memoryview(data)
    cursor = Cursor(view, 0, MAX_PICKLE_BYTES)
    header = [load_pickle(cursor, {}) for _ in range(3)]
    if header[:2] != [_MAGIC, _PROTOCOL]:
        raise pickle_refusal("a pickle that torch didn't write")
    if not isinstance(header[2], dict) or header[2].get("little_endian") is not True:
        raise Refusal("numbers of a big-endian machine", "little-endian numbers")
    storages: list[Storage] = []
    tree = load_pickle(cursor, TORCH_NAMES, lambda persistent_id: _persistent(persistent_id, storages))
    keys = load_pickle(cursor, {})
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise pickle_refusal("a malformed list of storages")
    _fill(storages, keys, Cursor(view, cursor.position, len(view)))
    return Contents(tree=tree)


def _persistent(persistent_id: object, storages: list[Storage]) -> object:
    """A storage, possibly a view of another; or a module's class, beside which old files carry its source."""
    storage = read_storage_id(persistent_id)
    if storage is None:
        match persistent_id:
            case ("module", module_class, *_):
                return module_class
            case _:
                raise pickle_refusal("an unknown persistent id")
    match persistent_id:
        case (_, _, _, _, _, (_, int(first), int(count))) if (
            first >= 0 and 0 <= count <= storage.count - first
        ):
            storage.first, storage.count = first, count
        case (_, _, _, _, _, None) | (_, _, _, _, _):
            pass
        case _:
            raise pickle_refusal("a tensor with a malformed storage")
    storages.append(storage)
    return storage


def _fill(storages: list[Storage], keys: list[object], cursor: Cursor) -> None:
    """Give every storage its bytes: the same key always means the same bytes."""
    sizes = {storage.key: storage.dtype.itemsize for storage in storages}
    found: dict[str, memoryview] = {}
    for key in keys:
        if not isinstance(key, str) or key not in sizes:
            raise pickle_refusal("bytes of a storage that no tensor uses")
        count = struct.unpack("<q", cursor.take(8))[0]
        start = cursor.position
        if not 0 <= count <= (cursor.end - start) // sizes[key]:
            raise Refusal(f"a storage of {count} numbers that aren't all there", "all its numbers")
        cursor.position = start + count * sizes[key]
        found[key] = cursor.data[start : cursor.position]
    for storage in storages:
        storage.data = found.get(storage.key)
