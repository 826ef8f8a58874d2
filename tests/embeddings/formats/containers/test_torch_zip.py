"""Zip files made to harm."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from traintab.embeddings.formats import read_embedding


@pytest.mark.parametrize(
    "members",
    [
        {"a/data.pkl": b"\x80\x02N.", "../evil": b"x"},
        {"a/data.pkl": b"\x80\x02N.", "a/code/x.py": b"x"},
        {"a/data.pkl": b"\x80\x02N.", "b/version": b"3"},
        {"a/version": b"3"},
        {"data.pkl": b"\x80\x02N."},
        {"a/data.pkl": b"\x80\x02N."} | {f"a/data/{n}": b"" for n in range(1000)},
    ],
)
def test_zip_members_that_torch_never_writes_are_refused(
    tmp_path: Path,
    members: dict[str, bytes],
    refused: Callable[[Path, bytes], str],
    zipped: Callable[..., bytes],
) -> None:
    assert "zip file" in refused(tmp_path / "mira.pt", zipped(members))


@pytest.mark.parametrize("member", ["a/data.pkl", "a/data/0"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, member: str, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    bomb = zipped({"a/data.pkl": b"\x80\x02N."} | {member: bytes(80 << 20)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    assert "compressed" in refused(tmp_path / "mira.pt", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


def test_a_member_of_another_size_than_declared_is_refused(
    tmp_path: Path, refused: Callable[[Path, bytes], str]
) -> None:
    stream = io.BytesIO()
    torch.save({"emb_params": torch.ones(1, 768)}, stream)
    data, size = stream.getvalue(), struct.pack("<I", 3072)
    assert data.count(size) > 1
    for declared in (0, 3071, 3073, 1 << 31, (1 << 32) - 1):
        refused(tmp_path / "mira.pt", data.replace(size, struct.pack("<I", declared)))


def test_members_that_share_their_bytes_are_refused_by_their_sum(
    tmp_path: Path, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    data = zipped({"a/data.pkl": b"\x80\x02N.", "a/data/0": bytes(1 << 20)})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start, count = archive.start_dir, len(archive.infolist())
    directory = data[start : data.rindex(b"PK\x05\x06")]
    last = directory[directory.rindex(b"PK\x01\x02") :]
    entries = [directory, *(last.replace(b"a/data/0", b"a/data/%c" % digit) for digit in b"123456789")]
    entries *= 9
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(b"".join(entries)), start, 0)
    refused(tmp_path / "mira.pt", data[:start] + b"".join(entries) + end)


def test_a_list_of_millions_of_members_is_never_made(
    tmp_path: Path, refused: Callable[[Path, bytes], str]
) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    data = b"PK\x03\x04" + entry * 100_000
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, len(data) - 4, 4, 0)
    tracemalloc.start()
    assert "65535 members" in refused(tmp_path / "mira.pt", data + end)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 << 20


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_members_are_refused(
    tmp_path: Path, compression: int, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    assert "compressed" in refused(tmp_path / "mira.pt", zipped({"a/data.pkl": b"\x80\x02N."}, compression))


def test_a_member_that_exists_twice_is_refused(
    tmp_path: Path, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    data = zipped({"a/data.pkl": b"\x80\x02N.", "a/data.pkX": b"\x80\x02N."}).replace(b"pkX", b"pkl")
    refused(tmp_path / "mira.pt", data)


def torch_file() -> bytes:
    stream = io.BytesIO()
    torch.save({"emb_params": torch.ones(1, 768)}, stream)
    return stream.getvalue()


@pytest.mark.parametrize("changed", range(0, 3000, 333))
def test_numbers_that_changed_on_the_way_are_refused(
    tmp_path: Path, changed: int, refused: Callable[[Path, bytes], str]
) -> None:
    data = bytearray(torch_file())
    start = data.index(torch.ones(8).numpy().tobytes())
    data[start + changed] ^= 1
    assert "checksum" in refused(tmp_path / "mira.pt", bytes(data))


@pytest.mark.parametrize(
    ("mark", "offset", "value"),
    [
        (b"PK\x05\x06", 4, 1),  # another disk
        (b"PK\x05\x06", 12, 1),  # a longer directory
        (b"PK\x05\x06", 16, 0x7F),  # its place
        (b"PK\x05\x06", 10, 0xFF),  # more members than entries
        (b"PK\x01\x02", 8, 1),  # encrypted
        (b"PK\x01\x02", 10, 8),  # compressed
        (b"PK\x01\x02", 20, 0xFF),  # another packed size
        (b"PK\x01\x02", 28, 0xFF),  # a longer name
        (b"PK\x01\x02", 43, 0x7F),  # another place
        (b"PK\x03\x04", 26, 0xFF),  # another name in front of the bytes
    ],
)
def test_a_directory_that_disagrees_with_the_file_is_refused(
    tmp_path: Path, mark: bytes, offset: int, value: int, refused: Callable[[Path, bytes], str]
) -> None:
    data = bytearray(torch_file())
    data[data.index(mark) + offset] ^= value
    assert "zip file" in refused(tmp_path / "mira.pt", bytes(data))


def test_a_zip_file_with_its_sizes_behind_the_members_is_read(tmp_path: Path) -> None:
    class Stream(io.RawIOBase):
        """Takes bytes one after the other, so that sizes are unknown when a member begins."""

        def __init__(self) -> None:
            self.taken = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.taken += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    stream = Stream()
    with zipfile.ZipFile(io.BytesIO(torch_file())) as source, zipfile.ZipFile(stream, "w") as target:
        for info in source.infolist():
            target.writestr(info.filename, source.read(info))
    path = tmp_path / "mira.pt"
    path.write_bytes(stream.taken)
    assert read_embedding(path).num_vectors == 1
