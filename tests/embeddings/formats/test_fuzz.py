"""Files cut off, changed and made of random bytes."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import SUFFIXES, read_embedding, write_embedding
from traintab.errors import EmbeddingFileError


def saved(tree: object, *, is_zip: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(tree, stream, _use_new_zipfile_serialization=is_zip)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", SUFFIXES)
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
    for length in range(0, end, 7):
        path.write_bytes(data[:length])
        with pytest.raises(EmbeddingFileError):
            read_embedding(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("byte", [0, 1, 0x28, 0x50, 0x80, 0x89, 0xFF])
def test_a_file_of_one_byte_is_refused(
    tmp_path: Path, suffix: str, byte: int, refused: Callable[[Path, bytes], str]
) -> None:
    refused(tmp_path / f"mira{suffix}", bytes([byte]))


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def card_file() -> bytes:
    tree = {"string_to_param": {"*": {"TORCHTENSOR": [[1.0] * 8]}}, "step": 1, "name": "a"}
    body = b"tEXtsd-ti-embedding\0" + base64.b64encode(json.dumps(tree).encode())
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


STARTS = [
    b"",
    b"PK\x03\x04",
    b"\x80\x02",
    saved({})[:-8],
    b"\x89PNG\r\n\x1a\n",
    b"\x10\0\0\0\0\0\0\0{",
]


@FUZZ
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300), suffix=st.sampled_from(SUFFIXES))
def test_random_bytes_are_an_embedding_or_refused(
    tmp_path: Path, start: bytes, rest: bytes, suffix: str
) -> None:
    path = tmp_path / f"fuzz{suffix}"
    path.write_bytes(start + rest)
    with pytest.raises(EmbeddingFileError):
        read_embedding(path)


GOOD = {
    "legacy.pt": saved({"string_to_param": {"*": torch.ones(1, 8)}, "step": 1, "name": "a"}),
    "zip.pt": saved({"string_to_param": {"*": torch.ones(1, 8)}, "step": 1, "name": "a"}, is_zip=True),
    "a.safetensors": safetensors.torch.save({"emb_params": torch.ones(1, 8)}, {"modelspec.title": "a"}),
    "a.png": card_file(),
}


@FUZZ
@given(
    name=st.sampled_from(sorted(GOOD)),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4
    ),
)
def test_good_files_with_changed_bytes_are_sound_or_refused(
    tmp_path: Path, name: str, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(GOOD[name])
    for place, value in changes:
        data[int(place * len(data))] = value
    path = tmp_path / name
    path.write_bytes(bytes(data))
    try:
        vectors = next(iter(read_embedding(path).vectors.values()))
    except EmbeddingFileError:
        return
    assert vectors.ndim == 2 and bool(torch.isfinite(vectors).all())
