"""Files of other kinds, by their first bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch


@pytest.mark.parametrize(
    ("data", "suffix", "found"),
    [
        (b"<!DOCTYPE html><html>", ".pt", "a web page"),
        (b"  <html>", ".safetensors", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", ".bin", "a Git LFS pointer"),
        (b"PK\x03\x04", ".safetensors", "Rename it to .pt"),
        (safetensors.torch.save({"a": torch.ones(1)}), ".pt", "Rename it to .safetensors"),
        (b"\x89PNG\r\n\x1a\n", ".pt", "Rename it to .png"),
        (b"\xff\xd8\xff\xe0", ".png", "a JPEG picture"),
        (b"\x80\x02", ".png", "a pickle"),
        (b"   \n", ".pt", "a file of blanks"),
        (b"random bytes", ".pt", "bytes that torch.save never writes"),
        (b"data", ".xyz", "the kind '.xyz'"),
        (b"data", "", "the kind ''"),
    ],
)
def test_a_file_of_another_kind_is_called_by_its_name(
    tmp_path: Path, data: bytes, suffix: str, found: str, refused: Callable[[Path, bytes], str]
) -> None:
    assert found in refused(tmp_path / f"mira{suffix}", data)
