"""Tensors that are no embedding, or not where they say they are."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

TENSOR_START = (
    b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
    b"X\x01\0\0\x000X\x03\0\0\0cpu"
)


def saved(tree: object, *, is_zip: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(tree, stream, _use_new_zipfile_serialization=is_zip)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        ({"a": torch.full((1, 768), float("nan"))}, "NaN or infinite"),
        ({"a": torch.full((1, 768), float("inf"))}, "NaN or infinite"),
        ({"a": torch.full((1, 768), 1e300, dtype=torch.float64)}, "NaN or infinite"),
        ({"a": torch.ones(0, 768)}, "0 vectors"),
        ({"a": torch.ones(76, 768)}, "76 vectors"),
        ({"a": torch.ones(1, 1, 768)}, "3 dimensions"),
        ({"a": torch.tensor(1.0)}, "0 dimensions"),
        ({"a": torch.ones(1, 7)}, "vectors of 7 numbers"),
        ({"a": torch.ones(1, 8193)}, "vectors of 8193 numbers"),
        ({"a": torch.ones(1, 768, dtype=torch.int64)}, "type torch.int64"),
        ({"a": torch.ones(1, 768, dtype=torch.bool)}, "type torch.bool"),
        ({"a": torch.ones(1, 768).to_sparse()}, "_rebuild_sparse"),
        ({"a": torch.ones(1, 768, device="meta")}, "_rebuild_meta"),
        ({"a": torch.ones(1, 768), "b": torch.ones(1, 768)}, "2 tensors (a, b)"),
        ({"clip_l": torch.ones(1, 768), "clip_g": torch.ones(2, 1280)}, "different numbers of vectors"),
        ({"clip_l": torch.ones(1, 768), "other": torch.ones(2, 1280)}, "'other' beside"),
        ({"clip_l": 5}, "beside"),
        ({"string_to_param": {}}, "0 entries"),
        ({"string_to_param": {"*": torch.ones(1, 768), "b": torch.ones(1, 768)}}, "2 entries"),
        ({"string_to_param": {"*": "text"}}, "1 entries"),
        ({"string_to_param": 5}, "0 entries"),
        ({"a": 1, "b": [2]}, "0 tensors"),
        ([torch.ones(1, 768)], "no tensor"),
        (5, "no tensor"),
        (torch.nn.Linear(2, 2), "Linear"),
    ],
)
@pytest.mark.parametrize("is_zip", [False, True])
def test_anything_but_one_embedding_is_refused(
    tmp_path: Path, tree: object, found: str, is_zip: bool, refused: Callable[[Path, bytes], str]
) -> None:
    assert found in refused(tmp_path / "mira.pt", saved(tree, is_zip=is_zip))


@pytest.mark.parametrize(
    "numbers",
    [
        (0, (1, 768), (768, 1), 2**40),
        (0, (1, 768), (768, 1), -1),
        (760, (1, 768), (768, 1), 768),
        (-1, (1, 768), (768, 1), 768),
        (0, (2, 768), (768, 1), 768),
        (0, (1, 768), (768, 2**39), 768),
        (0, (2, 768), (-768, 1), 1536),
        (0, (1, 768), (1,), 768),
        (0, (1, -768), (768, 1), 768),
        (0, (1, 2**70), (768, 1), 768),
        (2**62, (1, 768), (768, 1), 768),
        (0, (1,) * 40, (1,) * 40, 768),
    ],
)
def test_tensors_that_reach_beyond_their_storage_are_refused(
    tmp_path: Path,
    numbers: tuple[object, ...],
    refused: Callable[[Path, bytes], str],
    legacy: Callable[..., bytes],
    zipped: Callable[..., bytes],
) -> None:
    offset, shape, stride, count = (pickle.dumps(number, protocol=2)[2:-1] for number in numbers)
    pickled = TENSOR_START + count + b"NtQ" + offset + shape + stride + b"\x89NtR."
    storage = struct.pack("<q", 768) + bytes(768 * 4)
    keys = pickle.dumps(["0"], protocol=2)
    refused(tmp_path / "mira.pt", legacy(pickled, keys + storage))
    refused(tmp_path / "mira.pt", zipped({"a/data.pkl": pickled, "a/data/0": bytes(768 * 4)}))


@pytest.mark.parametrize("count", [-1, 769, 2**31, 2**62, -(2**62)])
def test_huge_declared_storages_are_refused(
    tmp_path: Path, count: int, refused: Callable[[Path, bytes], str]
) -> None:
    data = saved({"emb_params": torch.ones(1, 768)})
    where = data.rindex(struct.pack("<q", 768))
    refused(tmp_path / "mira.pt", data[:where] + struct.pack("<q", count) + data[where + 8 :])


@pytest.mark.parametrize("key", [["other"], [5], ["0", []], {}])
def test_storages_that_belong_to_nothing_are_refused(
    tmp_path: Path, key: object, refused: Callable[[Path, bytes], str], legacy: Callable[..., bytes]
) -> None:
    rest = pickle.dumps(key, protocol=2) + struct.pack("<q", 4) + bytes(16)
    refused(tmp_path / "mira.pt", legacy(pickle.dumps({}, protocol=2), rest))


def test_numbers_of_a_big_endian_machine_are_refused(
    tmp_path: Path, refused: Callable[[Path, bytes], str], zipped: Callable[..., bytes]
) -> None:
    header = (
        pickle.dumps(0x1950A86A20F9469CFC6C, 2)
        + pickle.dumps(1001, 2)
        + pickle.dumps({"little_endian": False}, 2)
    )
    assert "big-endian" in refused(tmp_path / "mira.pt", header)
    data = zipped({"a/data.pkl": b"\x80\x02N.", "a/byteorder": b"big"})
    assert "big-endian" in refused(tmp_path / "mira.pt", data)
