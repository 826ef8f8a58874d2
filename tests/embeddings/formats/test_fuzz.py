"""Files cut off, changed and made of random bytes."""

from __future__ import annotations

import base64
import io
import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from traintab.embeddings.card_pixels import attach_card_pixels
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import SUFFIXES, read_embedding, write_embedding
from traintab.embeddings.formats.containers import read_container
from traintab.embeddings.formats.refusal import Refusal
from traintab.embeddings.formats.schemas import parse
from traintab.errors import EmbeddingFileError

CHANGES_BY_DEFAULT = 2_000
CHANGES_IN_FULL = 20_000


def saved(tree: object, *, is_zip: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(tree, stream, _use_new_zipfile_serialization=is_zip)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", [".pt", ".bin", ".safetensors", ".png", ".webp"])
@pytest.mark.parametrize("is_zip", [False, True])
def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path, suffix: str, is_zip: bool) -> None:
    path = tmp_path / f"mira{suffix}"
    write_embedding(
        Embedding(name="mira", vectors={"clip_l": torch.linspace(-1, 1, 64).reshape(2, 32)}, step=3), path
    )
    if is_zip:
        path.write_bytes(saved({"emb_params": torch.ones(2, 32)}, is_zip=True))
    data = path.read_bytes()
    # Behind the card's text chunk lies only the picture, which isn't needed.
    end = data.index(b"IDAT") - 8 if suffix == ".png" and not is_zip else len(data) - 1
    for length in range(0, end, max(7, end // 150)):
        path.write_bytes(data[:length])
        with pytest.raises(EmbeddingFileError):
            read_embedding(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("byte", [0, 1, 0x28, 0x50, 0x80, 0x89, 0xFF])
def test_a_file_of_one_byte_is_refused(
    tmp_path: Path, suffix: str, byte: int, refused: Callable[[Path, bytes], str]
) -> None:
    refused(tmp_path / f"mira{suffix}", bytes([byte]))


STARTS = [
    b"",
    b"PK\x03\x04",
    b"\x80\x02",
    saved({})[:-8],
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\xff\0\0\0WEBPVP8L",
    b"\0\0\0\x20ftypavif",
    b"\x10\0\0\0\0\0\0\0{",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300), suffix=st.sampled_from(SUFFIXES))
def test_random_bytes_are_refused(tmp_path: Path, start: bytes, rest: bytes, suffix: str) -> None:
    path = tmp_path / f"fuzz{suffix}"
    path.write_bytes(start + rest)
    with pytest.raises(EmbeddingFileError):
        read_embedding(path)


WEBUI = {"string_to_param": {"*": torch.ones(1, 8)}, "step": 1, "name": "a", "sd_checkpoint": None}
AS_JSON = json.dumps(WEBUI | {"string_to_param": {"*": {"TORCHTENSOR": [[1.0] * 8]}}}).encode()


def text_card() -> bytes:
    body = b"tEXtsd-ti-embedding\0" + base64.b64encode(AS_JSON)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def pixel_card(kind: str) -> bytes:
    stream = io.BytesIO()
    card = attach_card_pixels(Image.new("RGB", (16, 16), "orange"), AS_JSON, [])
    card.save(stream, kind, lossless=True)
    return stream.getvalue()


def good_files() -> list[tuple[str, bytes]]:
    two = {"clip_l": torch.ones(1, 8), "clip_g": torch.ones(1, 16)}
    old = {"string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(torch.ones(1, 8))})}
    return [
        (".pt", saved(WEBUI)),
        (".pt", saved(WEBUI, is_zip=True)),
        (".bin", saved(old)),
        (".bin", saved(two, is_zip=True)),
        (".safetensors", safetensors.torch.save({"emb_params": torch.ones(1, 8)}, {"modelspec.title": "a"})),
        (".safetensors", safetensors.torch.save({**two, "clip_l_out": torch.ones(1, 8)})),
        (".png", text_card()),
        (".png", pixel_card("PNG")),
        (".webp", pixel_card("WEBP")),
    ]


def changed_files(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Good files with bytes changed, inserted, removed, repeated and exchanged between files."""
    chance = random.Random(seed)
    files = good_files()
    for number in range(count):
        suffix, good = files[number % len(files)]
        data = bytearray(good)
        for _ in range(chance.choice((1, 1, 2, 5))):
            place, length = chance.randrange(len(data)), chance.choice((1, 1, 2, 4, 8, 40))
            other = files[chance.randrange(len(files))][1]
            start = chance.randrange(len(other))
            data[place : place + length] = chance.choice(
                (
                    bytes(chance.getrandbits(8) for _ in range(length)),
                    bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 : place + length],
                    bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF))]) * length,
                    b"",
                    bytes(data[place : place + length]) * 2,
                    other[start : start + length],
                )
            )
        yield suffix, bytes(data)


def check_changed_files(count: int, seed: int) -> None:
    sound = 0
    for suffix, data in changed_files(count, seed):
        try:
            parsed = parse(read_container(suffix, data))
        except Refusal:
            continue
        sound += 1
        for vectors in parsed.vectors.values():
            assert type(vectors) is torch.Tensor and vectors.dtype == torch.float32
            assert 1 <= len(vectors) <= 75 and bool(torch.isfinite(vectors).all())
    # Some changes do no harm, most do: the files are neither left as they were nor torn to pieces.
    assert count // 100 < sound < count * 3 // 4


def test_good_files_with_changes_are_sound_or_refused() -> None:
    check_changed_files(CHANGES_BY_DEFAULT, seed=1)


@pytest.mark.long
def test_twenty_thousand_changed_files_are_sound_or_refused() -> None:
    check_changed_files(CHANGES_IN_FULL, seed=2)
