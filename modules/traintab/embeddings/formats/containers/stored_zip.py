"""Zip archives of stored members, read from bytes: all that torch writes, and nothing else of the format.

Format: PKWARE's APPNOTE 6.3, sections 4.3.7 (member), 4.3.12 (directory) and 4.3.16 (end). Compressed and
encrypted members are refused, and so is an archive that needs the extension for more than 4 GiB.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from ..refusal import Refusal
from ..untrusted import clean_text

__all__ = ["MAX_MEMBERS", "Member", "read_member", "zip_members"]

MAX_MEMBERS = 1000
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 0xFFFF
_ENCRYPTED = 1
_STORED = 0


@dataclass(frozen=True)
class Member:
    """Where a member's bytes lie in the file."""

    name: str
    start: int
    size: int
    checksum: int


def zip_members(data: bytes) -> list[Member]:
    """All members of the archive, in the directory's order; Refusal for one that isn't whole and plain."""
    position = data.rfind(b"PK\x05\x06", -_END.size - _LONGEST_COMMENT)
    if position < 0 or position + _END.size > len(data):
        raise _broken("its directory is missing")
    _, disk, first_disk, _, count, length, start, _ = _END.unpack_from(data, position)
    if disk or first_disk or start + length > position:
        raise _broken("its directory lies elsewhere")
    if count > MAX_MEMBERS:
        raise Refusal(f"a zip file of {count} members", f"at most {MAX_MEMBERS} members")
    members = []
    at = start
    for _ in range(count):
        if at + _ENTRY.size > start + length:
            raise _broken("its directory is cut off")
        fields = _ENTRY.unpack_from(data, at)
        name = data[at + _ENTRY.size : at + _ENTRY.size + fields[10]]
        members.append(_member(data, fields, name, start))
        at += _ENTRY.size + sum(fields[10:13])
    if at != start + length:
        raise _broken("its directory has another length than it says")
    return members


def read_member(data: bytes, member: Member, limit: int) -> memoryview:
    """The member's bytes, unless they are more than `limit` or changed: then Refusal."""
    if member.size > limit:
        raise Refusal(f"a zip file with a member of {member.size >> 20} MiB", f"at most {limit >> 20} MiB")
    found = memoryview(data)[member.start : member.start + member.size]
    if zlib.crc32(found) != member.checksum:
        raise _broken("a member's checksum is wrong")
    return found


def _member(data: bytes, fields: tuple[int, ...], name: bytes, directory: int) -> Member:
    """The member of a directory entry, whose own head in front of its bytes must agree with the name."""
    _, _, _, flags, method, _, _, checksum, packed, size, *_, place = fields
    shown = clean_text(name.decode("utf-8", "replace"), 100) or ""
    if flags & _ENCRYPTED or method != _STORED:
        raise Refusal(
            f"a zip file with the encrypted or compressed member {shown!r}",
            "members as torch.save stores them",
            "Save it again with the program it is from.",
        )
    if place + _LOCAL.size > directory:
        raise _broken(f"the member {shown!r} isn't there")
    *_, name_length, extra_length = _LOCAL.unpack_from(data, place)
    start = place + _LOCAL.size + name_length + extra_length
    whole = data.startswith(b"PK\x03\x04", place) and data.startswith(name, place + _LOCAL.size)
    if not whole or name_length != len(name) or packed != size or start + size > directory:
        raise _broken(f"the member {shown!r} isn't whole")
    return Member(name.decode("utf-8", "replace"), start, size, checksum)


def _broken(reason: str) -> Refusal:
    return Refusal(f"a broken zip file ({reason})", "a file written by torch.save")
