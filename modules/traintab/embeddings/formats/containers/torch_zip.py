"""torch's layout since 1.6: a zip archive of `<root>/data.pkl` and one member for each storage."""

from __future__ import annotations

import re

from ..refusal import Refusal
from ..stored import Contents, Storage
from ..untrusted import clean_text
from .pickle_machine import load_pickle
from .pickle_opcodes import Cursor, pickle_refusal
from .stored_zip import Member, read_member, zip_members
from .torch_legacy import MAX_PICKLE_BYTES
from .torch_names import TORCH_NAMES, read_storage_id

__all__ = ["read_torch_zip"]

MAX_UNPACKED_BYTES = 64 << 20
_MEMBER = re.compile(
    r"(?P<root>[^/]+)/(?P<inner>data\.pkl|data/\d+|version|byteorder|\.data/serialization_id"
    r"|\.format_version|\.storage_alignment)"
)


def read_torch_zip(data: bytes) -> Contents:
    """The contents of a zip file as torch.save writes it; Refusal for anything else.

    Members are checked by name, number, size and compression before any is read.
    """
    members = _checked_members(zip_members(data))
    if "byteorder" in members and bytes(read_member(data, members["byteorder"], 16)) != b"little":
        raise Refusal("numbers of a big-endian machine", "little-endian numbers")
    if "data.pkl" not in members:
        raise Refusal("a zip file without data.pkl", "a file written by torch.save")
    pickled = read_member(data, members["data.pkl"], MAX_PICKLE_BYTES)
    found: dict[str, memoryview] = {}

    def persistent(persistent_id: object) -> Storage:
        storage = read_storage_id(persistent_id)
        member = members.get(f"data/{storage.key}") if storage else None
        if storage is None or member is None:
            raise pickle_refusal("a tensor whose numbers aren't in the file")
        if storage.key not in found:
            found[storage.key] = read_member(data, member, MAX_UNPACKED_BYTES)
        storage.data = found[storage.key]
        return storage

    return Contents(tree=load_pickle(Cursor(pickled, 0, len(pickled)), TORCH_NAMES, persistent))


def _checked_members(found: list[Member]) -> dict[str, Member]:
    """Members by the name below the common root folder."""
    members: dict[str, Member] = {}
    roots = set()
    for member in found:
        match = _MEMBER.fullmatch(member.name)
        if match is None or match["inner"] in members:
            raise Refusal(
                f"a zip file with the member {clean_text(member.name, 100)!r}",
                "only the members that torch.save writes",
            )
        roots.add(match["root"])
        members[match["inner"]] = member
    size = sum(member.size for member in found)
    if len(roots) > 1 or size > MAX_UNPACKED_BYTES:
        raise Refusal(
            f"a zip file of {len(found)} members in {len(roots)} folders with {size >> 20} MiB",
            f"one folder of at most {MAX_UNPACKED_BYTES >> 20} MiB",
        )
    return members
