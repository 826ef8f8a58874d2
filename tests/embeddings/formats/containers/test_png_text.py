"""Picture cards made to harm."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.embeddings.formats import OrdinaryPictureError, read_embedding


def png(text: bytes, kind: bytes = b"tEXt", key: bytes = b"sd-ti-embedding") -> bytes:
    body = key + b"\0" + text
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + chunk + end


def card(tree: object) -> bytes:
    return png(base64.b64encode(json.dumps(tree).encode()))


@pytest.mark.parametrize(
    "data",
    [
        png(b""),
        png(b"not base64 !"),
        png(base64.b64encode(b"not json")),
        png(base64.b64encode(b"\xff\xfe")),
        png(base64.b64encode(b"[" * 100_000)),
        png(base64.b64encode(b'{"a":' * 100_000)),
        png(base64.b64encode(b'{"a": ' + b"9" * 10_000 + b"}")),
        png(b"\0" + zlib.compress(bytes(100 << 20)), b"zTXt"),
        png(b"\0not zlib", b"zTXt"),
        png(b"\1\0en\0key\0" + zlib.compress(bytes(100 << 20)), b"iTXt"),
        png(b"\1", b"iTXt"),
        png(b"A" * (13 << 20)),
        png(b"e30=")[:-20],
        png(b"e30=").replace(b"e30=", b"e31="),
        card({}),
        card([]),
        card(None),
    ],
    ids=range(17),
)
def test_forged_picture_cards_are_refused(
    tmp_path: Path, data: bytes, refused: Callable[[Path, bytes], str]
) -> None:
    refused(tmp_path / "mira.png", data)


@pytest.mark.parametrize(
    "tensor",
    [
        [[1.0] * 768, [1.0] * 767],
        [[1.0] * 768, 1.0],
        [[float("nan")] * 768],
        [[float("inf")] * 768],
        [["1.0"] * 768],
        [[True] * 768],
        [[10**400] * 768],
        [[1e300] * 768],
        [[[1.0] * 768]],
        [[]],
        [],
        {},
        "text",
        5,
        [[1.0] * 768] * 76,
        [[1.0] * 8] * 100_000,
    ],
    ids=range(16),
)
def test_forged_tensors_in_cards_are_refused(
    tmp_path: Path, tensor: object, refused: Callable[[Path, bytes], str]
) -> None:
    refused(tmp_path / "mira.png", card({"string_to_param": {"*": {"TORCHTENSOR": tensor}}}))


def test_an_ordinary_picture_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png(b"Steps: 20", key=b"parameters"))
    with pytest.raises(OrdinaryPictureError, match="found an ordinary picture"):
        read_embedding(path)
