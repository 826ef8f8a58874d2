"""Layouts of old torch versions, assembled by hand: no torch writes them any more."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path

import pytest
import torch

from traintab.embeddings.formats import read_embedding
from traintab.errors import EmbeddingFileError

HEADER = b"".join(
    pickle.dumps(value, protocol=2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
)
KEYS = pickle.dumps(["0"], protocol=2)
NUMBERS = torch.arange(64, dtype=torch.float32)
STORAGE = struct.pack("<q", 64) + NUMBERS.numpy().tobytes()


def old_text(text: str) -> bytes:
    """A Python 2 string."""
    return b"U" + bytes([len(text)]) + text.encode("latin-1")


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def tensor(view: bytes = b"") -> bytes:
    """A parameter `[2, 16]` from number 4 of storage 0 on, as torch 0.4 pickled it."""
    storage = b"(" + old_text("storage") + b"ctorch\nFloatStorage\n" + old_text("0") + old_text("cuda:0")
    storage += number(64) + view + b"tQ"
    rebuilt = b"ctorch._utils\n_rebuild_tensor\n(" + storage + number(4)
    rebuilt += number(2) + number(16) + b"\x86" + number(16) + number(1) + b"\x86tR"
    return b"ctorch._utils\n_rebuild_parameter\n(" + rebuilt + b"\x88ccollections\nOrderedDict\n]\x85RtR"


def parameter_dict(value: bytes) -> bytes:
    """A ParameterDict, whose class the legacy layout carries with file name and source text."""
    module = b"(" + old_text("module") + b"ctorch.nn.modules.container\nParameterDict\n"
    module += old_text("container.py") + old_text("class ParameterDict") + b"tQ"
    items = b"ccollections\nOrderedDict\n]](" + old_text("*") + value + b"ea\x85R"
    return module + b")\x81}(" + old_text("training") + b"\x88" + old_text("_parameters") + items + b"ub"


def file_of(path: Path, value: bytes) -> Path:
    tree = (
        b"\x80\x02}(" + old_text("string_to_param") + value + old_text("name") + old_text("caf\xe9") + b"u."
    )
    path.write_bytes(HEADER + tree + KEYS + STORAGE)
    return path


def test_a_parameter_dict_with_its_source_text_is_read(tmp_path: Path) -> None:
    found = read_embedding(file_of(tmp_path / "embeddings.pt", parameter_dict(tensor()))).vectors["clip_l"]
    assert torch.equal(found, NUMBERS[4:36].reshape(2, 16))


@pytest.mark.parametrize(("first", "expected"), [(0, 4), (20, 24)])
def test_a_storage_may_be_a_view_of_another(tmp_path: Path, first: int, expected: int) -> None:
    view = b"(" + old_text("view") + number(first) + number(40) + b"t"
    found = read_embedding(file_of(tmp_path / "a.pt", parameter_dict(tensor(view)))).vectors["clip_l"]
    assert torch.equal(found, NUMBERS[expected : expected + 32].reshape(2, 16))


def test_no_view_is_no_view(tmp_path: Path) -> None:
    found = read_embedding(file_of(tmp_path / "a.pt", parameter_dict(tensor(b"N")))).vectors["clip_l"]
    assert found[0, 0] == 4


@pytest.mark.parametrize(("first", "count"), [(-1, 40), (40, 40), (0, 30), (0, -1), (0, 65)])
def test_views_that_reach_beyond_their_storage_are_refused(tmp_path: Path, first: int, count: int) -> None:
    view = b"(" + old_text("view") + number(first) + number(count) + b"t"
    with pytest.raises(EmbeddingFileError, match="was refused"):
        read_embedding(file_of(tmp_path / "a.pt", parameter_dict(tensor(view))))


@pytest.mark.parametrize("view", [number(5), b"(" + old_text("view") + b"t"])
def test_malformed_views_are_refused(tmp_path: Path, view: bytes) -> None:
    with pytest.raises(EmbeddingFileError, match="malformed storage"):
        read_embedding(file_of(tmp_path / "a.pt", parameter_dict(tensor(view))))


def test_an_unknown_persistent_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match="unknown persistent id"):
        read_embedding(file_of(tmp_path / "a.pt", b"NQ"))


def test_a_whole_number_of_any_length_is_read(tmp_path: Path) -> None:
    step = b"\x8a\x02\x10\x27"
    tree = b"\x80\x02}(" + old_text("string_to_param") + b"}" + old_text("*") + tensor() + b"s"
    path = tmp_path / "a.pt"
    path.write_bytes(HEADER + tree + old_text("step") + step + b"u." + KEYS + STORAGE)
    assert read_embedding(path).step == 10_000


def test_bytes_behind_the_last_storage_are_ignored(tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.pt", parameter_dict(tensor()))
    path.write_bytes(path.read_bytes() + b"more")
    assert read_embedding(path).num_vectors == 2
