"""Picture cards made to harm, and what is told of pictures without decoding them."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.embeddings.formats import OrdinaryPictureError, read_embedding
from traintab.embeddings.formats.containers.png_chunks import PNG_SIGNATURE, first_row, without_extras
from traintab.errors import EmbeddingFileError


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
        png(b"A" * (13 << 20)).replace(b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + bytes(12) * 20_001),
        png(base64.b64encode(b'{"a": 0.' + b"1" * 5_000_000 + b"}")),
        png(base64.b64encode(b"[" + b"{}," * 300_000 + b"{}]")),
        png(b"e30=").replace(b"e30=", b"e31="),
        card({}),
        card([]),
        card(None),
    ],
    ids=range(20),
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


def test_other_text_chunks_are_never_unpacked(tmp_path: Path) -> None:
    bomb = png(b"\0" + zlib.compress(bytes(100 << 20)), b"zTXt", key=b"parameters")
    text = png(b"e30=")[8:]
    path = tmp_path / "photo.png"
    path.write_bytes(bomb[:-12])
    with pytest.raises(OrdinaryPictureError):
        read_embedding(path)
    path.write_bytes(bomb[:-12] + text)
    with pytest.raises(EmbeddingFileError, match="0 tensors"):
        read_embedding(path)


def picture(pixels: list[tuple[int, int, int]], row_filter: int) -> bytes:
    """A PNG of one row, filtered by hand."""
    row, left = bytearray([row_filter]), (0, 0, 0)
    for pixel in pixels:
        for value, before in zip(pixel, left, strict=True):
            predicted = {0: 0, 1: before, 2: 0, 3: before // 2, 4: before}[row_filter]
            row.append((value - predicted) % 256)
        left = pixel
    parts = [(b"IHDR", struct.pack(">IIBBBBB", len(pixels), 1, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(row))]
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("row_filter", range(5))
def test_the_first_row_is_read_through_every_filter(row_filter: int) -> None:
    pixels = [(7 * n % 256, 255 - n, n * n % 256) for n in range(50)]
    assert first_row(picture(pixels, row_filter)) == pixels


@pytest.mark.parametrize(("place", "value"), [(24, 16), (25, 3), (25, 0), (28, 1)])
def test_rows_of_other_kinds_of_pictures_are_left_to_the_decoder(place: int, value: int) -> None:
    data = bytearray(picture([(1, 2, 3)], 0))
    data[place] = value
    assert first_row(bytes(data)) is None


@pytest.mark.parametrize(
    "data", [b"", PNG_SIGNATURE, picture([(1, 2, 3)] * 9, 0)[:-9], picture([(1, 2, 3)], 0)[:33]]
)
def test_a_row_that_is_not_there_is_none(data: bytes) -> None:
    assert first_row(data) is None


def test_extras_are_left_behind_unread() -> None:
    whole = picture([(1, 2, 3)], 0)
    with_text = png(b"e30=")[8:-12]
    assert without_extras(whole[:33] + with_text + whole[33:]) == whole
