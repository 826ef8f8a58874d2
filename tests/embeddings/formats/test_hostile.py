"""Files made to harm: each is refused with a sentence, none runs anything or takes much memory."""

from __future__ import annotations

import base64
import io
import json
import os
import pickle
import struct
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import SUFFIXES, OrdinaryPictureError, read_embedding, write_embedding
from traintab.embeddings.formats import file_bytes as file_bytes_module
from traintab.errors import EmbeddingFileError

LEGACY_HEADER = b"".join(
    pickle.dumps(value, protocol=2)
    for value in (
        0x1950A86A20F9469CFC6C,
        1001,
        {"protocol_version": 1001, "little_endian": True, "type_sizes": {}},
    )
)
NO_STORAGES = pickle.dumps([], protocol=2)
TENSOR_START = (
    b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
    b"X\x01\0\0\x000X\x03\0\0\0cpu"
)


def refused(path: Path, data: bytes) -> str:
    """The message with which a file of these bytes is refused."""
    path.write_bytes(data)
    with pytest.raises(EmbeddingFileError) as caught:
        read_embedding(path)
    message = str(caught.value)
    assert message.startswith(f"{path} was refused: found ")
    assert ", expected " in message
    assert len(message) < 800 + len(str(path))
    return message


def legacy(pickled: bytes, rest: bytes = NO_STORAGES) -> bytes:
    return LEGACY_HEADER + pickled + rest


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def layouts(pickled: bytes) -> list[bytes]:
    """A pickle in both of torch's layouts."""
    return [legacy(pickled), zipped({"a/data.pkl": pickled, "a/version": b"3\n"})]


def saved(tree: object, *, is_zip: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(tree, stream, _use_new_zipfile_serialization=is_zip)
    return stream.getvalue()


def png(text: bytes, kind: bytes = b"tEXt", key: bytes = b"sd-ti-embedding") -> bytes:
    body = key + b"\0" + text
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + chunk + end


def card(tree: object) -> bytes:
    return png(base64.b64encode(json.dumps(tree).encode()))


class Program:
    """What a hostile pickle asks for: a call of any function."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self.call = (call, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("is_nested", [False, True])
def test_a_program_in_a_pickle_never_runs(tmp_path: Path, protocol: int, is_nested: bool) -> None:
    marker = tmp_path / "ran"
    program = Program(os.system, f"touch {marker}")
    tree = {"string_to_param": {"*": torch.ones(1, 768).tolist()}, "name": program} if is_nested else program
    for data in layouts(pickle.dumps(tree, protocol=protocol)):
        message = refused(tmp_path / "mira.pt", data)
        assert f"{os.system.__module__}.system" in message
        assert "Nothing of it was run" in message
    assert not marker.exists()


@pytest.mark.parametrize(
    "call",
    [
        (eval, "1"),
        (exec, "1"),
        (__import__, "os"),
        (open, "/etc/hostname"),
        (torch.load, "x"),
        (torch.hub.load, "x", "y"),
        (io.BytesIO, b"x"),
    ],
)
def test_no_function_can_be_asked_for(tmp_path: Path, call: tuple[Callable[..., object], object]) -> None:
    for data in layouts(pickle.dumps(Program(*call), protocol=4)):
        assert "may run a program" in refused(tmp_path / "mira.pt", data)


@pytest.mark.parametrize(
    "name", ["torch._utils\n_rebuild_tensor_v2.__globals__", "torch\nFloatStorage.x", "os\nsystem"]
)
def test_dotted_names_lead_nowhere(tmp_path: Path, name: str) -> None:
    for data in layouts(b"\x80\x02c" + name.encode() + b"\n."):
        assert "may run a program" in refused(tmp_path / "mira.pt", data)


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02.",  # nothing on the stack
        b"\x80\x02N0.",
        b"\x80\x02(((((.",
        b"\x80\x02t.",
        b"\x80\x02N\x85\x86.",
        b"\x80\x02h\x05.",  # memo never filled
        b"\x80\x02q\x01.",
        b"\x80\x02]Ns.",
        b"\x80\x02}]Ns.",  # a key that is no text
        b"\x80\x02NNR.",
        b"\x80\x02NNb.",
        b"\x80\x02NQ.",
        b"\x80\x02NN\x93.",
        b"\x80\x02X\xff\xff\xff\xffabc.",
        b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc.",
        b"\x80\x02\x8b\xff\xff\xff\xffabc.",
        b"\x80\x02\x96\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x80\x02c" + b"x" * 1000 + b"\nx\n.",
        b"\x80\x02S'text'\n.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02\x8f.",
        b"\x80\x02ctorch\nFloatStorage\n)R.",
        b"\x80\x02ctorch\nSize\n)R.",
        b"\x80\x02ccollections\nOrderedDict\n]]a\x85R.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n)R.",
        b"\x80\x02ctorch._utils\n_rebuild_parameter\n)R.",
        b"\x80\x05" + b"N" * 200_000 + b".",
        b"\x80\x02" + b"N" * 2_000_000 + b".",
    ],
)
def test_pickles_that_make_no_sense_are_refused(tmp_path: Path, pickled: bytes) -> None:
    for data in layouts(pickled):
        refused(tmp_path / "mira.pt", data)


def test_a_memo_index_beyond_reason_takes_no_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    for data in layouts(b"\x80\x02Nr\xff\xff\xff\xff."):
        refused(tmp_path / "mira.pt", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("opening", [b"]", b"(", b"}X\x01\0\0\0a"])
def test_deeply_nested_pickles_exhaust_nothing(tmp_path: Path, opening: bytes) -> None:
    closing = {b"]": b"a", b"(": b"t", b"}X\x01\0\0\0a": b"s"}[opening]
    depth = 10_000
    for data in layouts(b"\x80\x02" + opening * depth + b"N" + closing * depth + b"."):
        refused(tmp_path / "mira.pt", data)


def test_a_nested_tuple_as_a_name_exhausts_nothing(tmp_path: Path) -> None:
    nested = b"\x80\x02N" + b"\x85" * 20_000
    for tail in (b"X\x01\0\0\0a\x93.", b"N}(hs.", b"Q."):
        for data in layouts(nested + tail):
            refused(tmp_path / "mira.pt", data)


def test_values_that_contain_themselves_are_refused(tmp_path: Path) -> None:
    own: list[object] = []
    own.append(own)
    tree: dict[str, object] = {"a": own}
    tree["string_to_param"] = tree
    for data in layouts(pickle.dumps(tree, protocol=2)):
        refused(tmp_path / "mira.pt", data)


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
    tmp_path: Path, tree: object, found: str, is_zip: bool
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
    tmp_path: Path, numbers: tuple[object, ...]
) -> None:
    offset, shape, stride, count = (pickle.dumps(number, protocol=2)[2:-1] for number in numbers)
    pickled = TENSOR_START + count + b"NtQ" + offset + shape + stride + b"\x89NtR."
    storage = struct.pack("<q", 768) + bytes(768 * 4)
    keys = pickle.dumps(["0"], protocol=2)
    refused(tmp_path / "mira.pt", legacy(pickled, keys + storage))
    refused(tmp_path / "mira.pt", zipped({"a/data.pkl": pickled, "a/data/0": bytes(768 * 4)}))


@pytest.mark.parametrize("count", [-1, 769, 2**31, 2**62, -(2**62)])
def test_huge_declared_storages_are_refused(tmp_path: Path, count: int) -> None:
    data = saved({"emb_params": torch.ones(1, 768)})
    where = data.rindex(struct.pack("<q", 768))
    refused(tmp_path / "mira.pt", data[:where] + struct.pack("<q", count) + data[where + 8 :])


@pytest.mark.parametrize("key", [["other"], [5], ["0", []], {}])
def test_storages_that_belong_to_nothing_are_refused(tmp_path: Path, key: object) -> None:
    rest = pickle.dumps(key, protocol=2) + struct.pack("<q", 4) + bytes(16)
    refused(tmp_path / "mira.pt", legacy(pickle.dumps({}, protocol=2), rest))


def test_numbers_of_a_big_endian_machine_are_refused(tmp_path: Path) -> None:
    header = (
        pickle.dumps(0x1950A86A20F9469CFC6C, 2)
        + pickle.dumps(1001, 2)
        + pickle.dumps({"little_endian": False}, 2)
    )
    assert "big-endian" in refused(tmp_path / "mira.pt", header)
    data = zipped({"a/data.pkl": b"\x80\x02N.", "a/byteorder": b"big"})
    assert "big-endian" in refused(tmp_path / "mira.pt", data)


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
def test_zip_members_that_torch_never_writes_are_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    assert "zip file" in refused(tmp_path / "mira.pt", zipped(members))


@pytest.mark.parametrize("member", ["a/data.pkl", "a/data/0"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, member: str) -> None:
    bomb = zipped({"a/data.pkl": b"\x80\x02N."} | {member: bytes(80 << 20)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    assert "MiB" in refused(tmp_path / "mira.pt", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


def test_a_zip_bomb_with_a_false_size_is_refused(tmp_path: Path) -> None:
    pickled = saved({"emb_params": torch.ones(1, 768)}, is_zip=True)
    with zipfile.ZipFile(io.BytesIO(pickled)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    key = next(name for name in members if "/data/" in name)
    members[key] = bytes(64 << 20)
    bomb = bytearray(zipped(members, zipfile.ZIP_DEFLATED))
    size = struct.pack("<I", 64 << 20)
    assert bomb.count(size) == 2
    refused(tmp_path / "mira.pt", bytes(bomb).replace(size, struct.pack("<I", 3072)))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_compressions_are_refused(tmp_path: Path, compression: int) -> None:
    assert "packed" in refused(tmp_path / "mira.pt", zipped({"a/data.pkl": b"\x80\x02N."}, compression))


def test_a_member_that_exists_twice_is_refused(tmp_path: Path) -> None:
    data = zipped({"a/data.pkl": b"\x80\x02N.", "a/data.pkX": b"\x80\x02N."}).replace(b"pkX", b"pkl")
    refused(tmp_path / "mira.pt", data)


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
def test_forged_safetensors_headers_are_refused(tmp_path: Path, header: bytes, size: int | None) -> None:
    declared = len(header) if size is None else size
    refused(tmp_path / "mira.safetensors", struct.pack("<Q", declared) + header + bytes(3072))


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.float8_e4m3fn, torch.bool])
def test_safetensors_of_other_numbers_are_refused(tmp_path: Path, dtype: torch.dtype) -> None:
    data = safetensors.torch.save({"a": torch.ones(1, 768).to(dtype)})
    assert "floating point" in refused(tmp_path / "mira.safetensors", data)


def test_safetensors_of_a_scalar_or_nothing_is_refused(tmp_path: Path) -> None:
    assert "0 dimensions" in refused(
        tmp_path / "a.safetensors", safetensors.torch.save({"a": torch.tensor(1.0)})
    )
    assert "0 vectors" in refused(
        tmp_path / "a.safetensors", safetensors.torch.save({"a": torch.ones(0, 768)})
    )


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
def test_forged_picture_cards_are_refused(tmp_path: Path, data: bytes) -> None:
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
def test_forged_tensors_in_cards_are_refused(tmp_path: Path, tensor: object) -> None:
    refused(tmp_path / "mira.png", card({"string_to_param": {"*": {"TORCHTENSOR": tensor}}}))


def test_an_ordinary_picture_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png(b"Steps: 20", key=b"parameters"))
    with pytest.raises(OrdinaryPictureError, match="found an ordinary picture"):
        read_embedding(path)


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
    tmp_path: Path, data: bytes, suffix: str, found: str
) -> None:
    assert found in refused(tmp_path / f"mira{suffix}", data)


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
def test_a_file_of_one_byte_is_refused(tmp_path: Path, suffix: str, byte: int) -> None:
    refused(tmp_path / f"mira{suffix}", bytes([byte]))


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STARTS = [
    b"",
    b"PK\x03\x04",
    b"\x80\x02",
    LEGACY_HEADER + b"\x80\x02",
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
    "a.png": card({"string_to_param": {"*": {"TORCHTENSOR": [[1.0] * 8]}}, "step": 1, "name": "a"}),
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


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "mira.pt").mkdir()
    with pytest.raises(EmbeddingFileError, match="was refused: found"):
        read_embedding(tmp_path / "mira.pt")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match="No such file"):
        read_embedding(tmp_path / "mira.pt")


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_links_without_end_and_pipes_dont_hang(tmp_path: Path) -> None:
    (tmp_path / "loop.pt").symlink_to(tmp_path / "loop.pt")
    with pytest.raises(EmbeddingFileError, match="no readable file"):
        read_embedding(tmp_path / "loop.pt")
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(EmbeddingFileError, match="a pipe or a device"):
        read_embedding(tmp_path / "pipe.pt")
    (tmp_path / "device.pt").symlink_to("/dev/zero")
    with pytest.raises(EmbeddingFileError, match="a pipe or a device"):
        read_embedding(tmp_path / "device.pt")


def test_a_path_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(EmbeddingFileError, match="no readable file"):
        read_embedding(Path("a\0b.pt"))


def test_a_file_above_the_cap_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "big.pt"
    with path.open("wb") as stream:
        stream.truncate(10 << 30)
    tracemalloc.start()
    with pytest.raises(EmbeddingFileError, match="10240 MiB, expected at most 64 MiB"):
        read_embedding(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "grows.pt"
    path.write_bytes(bytes(100))

    def grow(_: os.stat_result) -> None:
        path.write_bytes(bytes(200))

    monkeypatch.setattr(file_bytes_module, "_check_status", grow)
    with pytest.raises(EmbeddingFileError, match="a file that is being written"):
        read_embedding(path)


def test_reading_that_runs_out_of_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from traintab.embeddings.formats import reading

    def exhausted(*_: object) -> object:
        raise MemoryError

    monkeypatch.setattr(reading, "parse", exhausted)
    (tmp_path / "a.pt").write_bytes(GOOD["legacy.pt"])
    with pytest.raises(EmbeddingFileError, match="too much memory"):
        read_embedding(tmp_path / "a.pt")
