"""torch's layout since 1.6: a zip archive of `<root>/data.pkl` and one member for each storage."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from ..refusal import Refusal
from ..stored import Contents, Storage
from ..untrusted import clean_text
from .pickle_machine import load_pickle
from .pickle_opcodes import Cursor, pickle_refusal
from .torch_legacy import MAX_PICKLE_BYTES
from .torch_names import TORCH_NAMES, read_storage_id

__all__ = ["read_torch_zip"]

MAX_MEMBERS = 1000
MAX_UNPACKED_BYTES = 64 << 20
_MEMBER = re.compile(
    r"(?P<root>[^/]+)/(?P<inner>data\.pkl|data/\d+|version|byteorder|\.data/serialization_id"
    r"|\.format_version|\.storage_alignment)"
)
_ENCRYPTED = 1
_DIRECTORY_ENTRY = b"PK\x01\x02"


def read_torch_zip(data: bytes) -> Contents:
    """The contents of a zip file as torch.save writes it; Refusal for anything else.

    Members are checked by name, number, size and compression before any is read.
    """
    # Every member has an entry that begins like this, so a list of millions is never made.
    if (entries := data.count(_DIRECTORY_ENTRY)) > MAX_MEMBERS:
        raise Refusal(f"a zip file of {entries} members", f"at most {MAX_MEMBERS} members")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        KeyError,
        NotImplementedError,
        OSError,
        OverflowError,
        RuntimeError,
        ValueError,
    ) as error:
        raise Refusal(
            f"a broken zip file ({clean_text(str(error))})", "a file written by torch.save"
        ) from error


def _read(archive: zipfile.ZipFile) -> Contents:
    members = _checked_members(archive)
    if members.get("byteorder") and _unpack(archive, members["byteorder"], 16) != b"little":
        raise Refusal("numbers of a big-endian machine", "little-endian numbers")
    if "data.pkl" not in members:
        raise Refusal("a zip file without data.pkl", "a file written by torch.save")
    pickled = memoryview(_unpack(archive, members["data.pkl"], MAX_PICKLE_BYTES))
    found: dict[str, memoryview] = {}

    def persistent(persistent_id: object) -> Storage:
        storage = read_storage_id(persistent_id)
        member = members.get(f"data/{storage.key}") if storage else None
        if storage is None or member is None:
            raise pickle_refusal("a tensor whose numbers aren't in the file")
        if storage.key not in found:
            found[storage.key] = memoryview(_unpack(archive, member, MAX_UNPACKED_BYTES))
        storage.data = found[storage.key]
        return storage

    return Contents(tree=load_pickle(Cursor(pickled, 0, len(pickled)), TORCH_NAMES, persistent))


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Members by the name below the common root folder."""
    infos = archive.infolist()
    members: dict[str, zipfile.ZipInfo] = {}
    roots = set()
    for info in infos:
        match = _MEMBER.fullmatch(info.filename)
        if match is None or match["inner"] in members:
            raise Refusal(
                f"a zip file with the member {clean_text(info.filename, 100)!r}",
                "only the members that torch.save writes",
            )
        if info.flag_bits & _ENCRYPTED or info.compress_type != zipfile.ZIP_STORED:
            raise Refusal(
                "a zip file that is encrypted or compressed, which torch.save never does",
                "a file written by torch.save",
                "Save it again with the program it is from.",
            )
        roots.add(match["root"])
        members[match["inner"]] = info
    if len(roots) > 1 or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise Refusal(
            f"a zip file of {len(infos)} members with {sum(info.file_size for info in infos) >> 20} MiB",
            f"one folder of at most {MAX_UNPACKED_BYTES >> 20} MiB",
        )
    return members


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """The member's bytes, never more than `limit`, whatever its header says."""
    with archive.open(info) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit or len(data) != info.file_size:
        raise Refusal(f"the member {info.filename!r} of another size than declared", f"at most {limit} bytes")
    return data
