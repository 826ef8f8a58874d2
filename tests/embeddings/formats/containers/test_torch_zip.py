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


@pytest.mark.parametrize(
    "members",
    [
        {"a/data.pkl": b"\x80\x02N.", "../evil": b"x"},
        {"a/data.pkl": b"\x80\x02N.", "a/code/x.py": b"x"},
        {"a/data.pkl": b"\x80\x02N.", "b/version": b"3"},
        {"a/version": b"3"},
        {"data.pkl": b"\x80\x02N."},
        {"a/data.pkl": b"\x80\x02N."} | {f"a/data/{n}": b"" for n in range(1001)},
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
    assert "MiB" in refused(tmp_path / "mira.pt", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


def test_a_zip_bomb_with_a_false_size_is_refused(
    tmp_path: Path, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    stream = io.BytesIO()
    torch.save({"emb_params": torch.ones(1, 768)}, stream)
    with zipfile.ZipFile(stream) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    key = next(name for name in members if "/data/" in name)
    members[key] = bytes(64 << 20)
    bomb = bytearray(zipped(members, zipfile.ZIP_DEFLATED))
    size = struct.pack("<I", 64 << 20)
    assert bomb.count(size) == 2
    refused(tmp_path / "mira.pt", bytes(bomb).replace(size, struct.pack("<I", 3072)))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_compressions_are_refused(
    tmp_path: Path, compression: int, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    assert "packed" in refused(tmp_path / "mira.pt", zipped({"a/data.pkl": b"\x80\x02N."}, compression))


def test_a_member_that_exists_twice_is_refused(
    tmp_path: Path, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    data = zipped({"a/data.pkl": b"\x80\x02N.", "a/data.pkX": b"\x80\x02N."}).replace(b"pkX", b"pkl")
    refused(tmp_path / "mira.pt", data)
