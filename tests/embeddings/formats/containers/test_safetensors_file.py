"""Safetensors files made to harm."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch

from traintab.embeddings.formats import read_embedding


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"{",
        b"[]",
        b"null",
        b'{"a":{"dtype":"F32","shape":[1,768],"data_offsets":[0,999999]}}',
        b'{"a":{"dtype":"F32","shape":[999999999999,768],"data_offsets":[0,3072]}}',
        b'{"a":{"dtype":"XX","shape":[1,768],"data_offsets":[0,3072]}}',
        b'{"a":{"dtype":"F32","shape":[1,768],"data_offsets":[3072,0]}}',
        b'{"__metadata__":{"a":5}}',
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"\xff" * 30,
    ],
)
@pytest.mark.parametrize("size", [None, 2**62, 2**64 - 1, 0, 10**8])
def test_forged_safetensors_headers_are_refused(
    tmp_path: Path, header: bytes, size: int | None, refused: Callable[[Path, bytes], str]
) -> None:
    declared = len(header) if size is None else size
    refused(tmp_path / "mira.safetensors", struct.pack("<Q", declared) + header + bytes(3072))


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.float8_e4m3fn, torch.bool])
def test_safetensors_of_other_numbers_are_refused(
    tmp_path: Path, dtype: torch.dtype, refused: Callable[[Path, bytes], str]
) -> None:
    data = safetensors.torch.save({"a": torch.ones(1, 768).to(dtype)})
    assert "floating point" in refused(tmp_path / "mira.safetensors", data)


def test_safetensors_of_a_scalar_or_nothing_is_refused(
    tmp_path: Path, refused: Callable[[Path, bytes], str]
) -> None:
    assert "0 dimensions" in refused(
        tmp_path / "a.safetensors", safetensors.torch.save({"a": torch.tensor(1.0)})
    )
    assert "0 vectors" in refused(
        tmp_path / "a.safetensors", safetensors.torch.save({"a": torch.ones(0, 768)})
    )


def test_a_header_as_long_as_a_picture_begins_is_no_picture(tmp_path: Path) -> None:
    """2815 is FF 0A, with which a JPEG XL picture begins."""
    header = b'{"emb_params":{"dtype":"F32","shape":[1,768],"data_offsets":[0,3072]}}'.ljust(0x0AFF)
    path = tmp_path / "mira.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(3072))
    assert read_embedding(path).num_vectors == 1
