"""A folder of files that lie, swell or are something else: each is refused in one sentence that names it.

Programs in pickles have a file of their own, `test_hostile_pickles.py`.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import safetensors.torch
import torch
from PIL import Image

from traintab.embeddings.card_pixels import attach_card_pixels
from traintab.embeddings.rows import REFUSED, row_of_file

GIBIBYTE = 1 << 30
ONES = torch.ones(1, 768)
LEGACY = b"".join(
    pickle.dumps(value, protocol=2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
)


def saved(tree: object, *, is_zip: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(tree, stream, _use_new_zipfile_serialization=is_zip)
    return stream.getvalue()


def tensors(**values: torch.Tensor) -> bytes:
    return safetensors.torch.save({name: value.clone() for name, value in values.items()})


def header(text: str, numbers: bytes = bytes(3072), length: int | None = None) -> bytes:
    return struct.pack("<Q", len(text.encode()) if length is None else length) + text.encode() + numbers


def entry(name: str, shape: str = "[1,768]", place: str = "[0,3072]", dtype: str = "F32") -> str:
    return f'"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{place}}}'


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def strided(shape: tuple[int, ...], stride: tuple[int, ...], count: int = 768) -> bytes:
    """A file of 3 KB whose one tensor claims this shape."""
    start = b"\x80\x02}X\x01\0\0\0actorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storage"
    start += b"ctorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpu"
    numbers = [pickle.dumps(number, protocol=2)[2:-1] for number in (count, 0, shape, stride)]
    pickled = start + numbers[0] + b"NtQ" + b"".join(numbers[1:]) + b"\x89NtRs."
    return LEGACY + pickled + pickle.dumps(["0"], 2) + struct.pack("<q", 768) + bytes(3072)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes, width: int = 1, height: int = 1) -> bytes:
    size = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + b"".join(chunks) + chunk(b"IEND", b"")


def card(tree: object) -> bytes:
    return png(chunk(b"tEXt", b"sd-ti-embedding\0" + base64.b64encode(json.dumps(tree).encode())))


def pixels(data: bytes, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    attach_card_pixels(Image.new("RGB", (64, 64), "teal"), data, []).save(stream, kind, lossless=True)
    return stream.getvalue()


def numpy_file(save: Callable[..., None]) -> bytes:
    stream = io.BytesIO()
    save(stream, numpy.ones((1, 768), numpy.float32))
    return stream.getvalue()


def tar_file() -> bytes:
    """torch's first layout."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("storages"), io.BytesIO())
    return stream.getvalue()


def pickled(body: bytes) -> bytes:
    return LEGACY + b"\x80\x02" + body + b"." + pickle.dumps([], 2)


FROM_TYPE = b"ctorch._tensor\n_rebuild_from_type_v2\n"
PAIRS = b"](" + b"X\x01\0\0\0aN\x86" + b"2" * 40_000 + b"e"

FILES: dict[str, Callable[[], bytes]] = {
    # numbers that can't be
    "nan.pt": lambda: saved({"a": ONES * float("nan")}),
    "infinite.safetensors": lambda: tensors(emb_params=ONES * float("inf")),
    "infinite-as-half.pt": lambda: saved({"a": ONES.double() * 1e300}),
    "too-large.pt": lambda: saved({"a": ONES * 6e4}),
    "too-large-and-negative.safetensors": lambda: tensors(a=ONES * -7e4),
    "whole.pt": lambda: saved({"a": ONES.long()}),
    "complex.safetensors": lambda: tensors(a=ONES.to(torch.complex64)),
    "complex.pt": lambda: saved({"a": ONES.to(torch.complex64)}),
    "truth-values.pt": lambda: saved({"a": ONES.bool()}),
    "eight-bits.safetensors": lambda: tensors(a=ONES.to(torch.float8_e4m3fn)),
    "quantized.pt": lambda: saved({"a": torch.zeros(1, 8, dtype=torch.uint8)}),
    "meta.pt": lambda: saved({"a": torch.ones(1, 768, device="meta")}),
    "sparse.pt": lambda: saved({"a": ONES.to_sparse()}),
    "nested.pt": lambda: saved({"a": [[0.5] * 768]}),
    "numpy.pt": lambda: pickled(pickle.dumps({"a": numpy.ones((1, 768), numpy.float32)}, 2)[2:-1]),
    # shapes that can't be
    "billion-rows.pt": lambda: strided((10**9, 768), (0, 1)),
    "billion-columns.pt": lambda: strided((1, 10**9), (0, 0)),
    "negative.pt": lambda: strided((-1, 768), (768, 1)),
    "backwards.pt": lambda: strided((1, 768), (768, -1)),
    "beyond.pt": lambda: strided((2, 768), (768, 1), 10**12),
    "many-dimensions.pt": lambda: strided((1,) * 1000, (1,) * 1000),
    "none.pt": lambda: saved({"a": torch.ones(0, 768)}),
    "seventy-six.safetensors": lambda: tensors(a=torch.ones(76, 768)),
    "cube.pt": lambda: saved({"a": torch.ones(1, 1, 768)}),
    "number.pt": lambda: saved({"a": torch.tensor(0.5)}),
    "odd-width.pt": lambda: saved({"a": torch.ones(1, 769)}),
    "unknown-width.safetensors": lambda: tensors(emb_params=torch.ones(1, 1000)),
    # too many and too few tensors
    "several.pt": lambda: saved({"a": ONES, "b": ONES}),
    "merged.pt": lambda: saved({"string_to_param": {"*": ONES, "@": ONES}}),
    "no-tensor.pt": lambda: saved({"string_to_param": {}}),
    "uneven.safetensors": lambda: tensors(clip_l=ONES, clip_g=torch.ones(2, 1280)),
    "one-more.safetensors": lambda: tensors(clip_l=ONES, clip_g=torch.ones(1, 1280), c=ONES),
    "same-encoder-twice.safetensors": lambda: tensors(clip_l=ONES, text_encoders_0=ONES),
    "output-alone.safetensors": lambda: tensors(emp_params=ONES * 0, emp_params_out=ONES),
    # headers that lie
    "twice.safetensors": lambda: header(f"{{{entry('a')},{entry('a')}}}"),
    "twice-inside.safetensors": lambda: header("{" + entry("a")[:-1] + ',"dtype":"F32"}}'),
    "shared.safetensors": lambda: header(f"{{{entry('clip_l')},{entry('clip_h')}}}"),
    "gap.safetensors": lambda: header(f"{{{entry('a', '[1,767]', '[4,3072]')}}}"),
    "past-the-end.safetensors": lambda: header(f"{{{entry('a', '[2,768]', '[0,6144]')}}}"),
    "more-behind.safetensors": lambda: header(f"{{{entry('a')}}}", bytes(3076)),
    "huge-shape.safetensors": lambda: header(f"{{{entry('a', '[4611686018427387904,768]')}}}"),
    "overflowing-shape.safetensors": lambda: header(f"{{{entry('a', str([2**33] * 8))}}}"),
    "fraction.safetensors": lambda: header(f"{{{entry('a', '[1.0,768]')}}}"),
    "truth.safetensors": lambda: header(f"{{{entry('a', '[true,768]')}}}"),
    "minus.safetensors": lambda: header(f"{{{entry('a', '[-1,-768]')}}}"),
    "type.safetensors": lambda: header(f"{{{entry('a', dtype='F33')}}}"),
    "length.safetensors": lambda: header("{}", length=2**64 - 1),
    "deep.safetensors": lambda: header('{"a":' * 100_000),
    "utf-16.safetensors": lambda: header("") + f"{{{entry('a')}}}".encode("utf-16"),
    "metadata.safetensors": lambda: header(f'{{"__metadata__":{{"a":[1]}},{entry("a")}}}'),
    # things that swell
    "bomb.pt": lambda: zipped(
        {"a/data.pkl": b"\x80\x02N.", "a/data/0": bytes(1 << 27)}, zipfile.ZIP_DEFLATED
    ),
    "text-bomb.png": lambda: png(chunk(b"zTXt", b"sd-ti-embedding\0\0" + zlib.compress(bytes(1 << 27)))),
    "text-bomb-2.png": lambda: png(
        chunk(b"iTXt", b"sd-ti-embedding\0\1\0\0\0" + zlib.compress(bytes(1 << 27)))
    ),
    "profile-bomb.png": lambda: png(
        chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 27))), chunk(b"IDAT", zlib.compress(bytes(4)))
    ),
    "wide.png": lambda: png(chunk(b"IDAT", zlib.compress(bytes(1 << 20))), width=1 << 30, height=1 << 30),
    "rows-bomb.png": lambda: png(
        chunk(b"IDAT", zlib.compress(bytes(1 << 27))), width=(1 << 25) - 1, height=1
    ),
    "wide.webp": lambda: b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0/" + b"\xff" * 13,
    "wide.avif": lambda: b"\0\0\0\x20ftypavif" + bytes(20) + b"ispe\0\0\0\0" + b"\x7f" * 100,
    "pixel-bomb.png": lambda: pixels(bytes(1 << 27)),
    "many-chunks.png": lambda: b"\x89PNG\r\n\x1a\n" + bytes(12) * 1_000_000,
    "many-members.pt": lambda: b"PK\x03\x04" + (b"PK\x01\x02" + bytes(42)) * 1_000_000,
    "many-items.pt": lambda: pickled(b"0".join([PAIRS] + [b"ccollections\nOrderedDict\n]\x85R"] * 5000)),
    "long-list-again.pt": lambda: pickled(
        PAIRS + b"q\0" + b"ccollections\nOrderedDict\nh\0\x85R0" * 10_000 + b"N"
    ),
    "long-number.pt": lambda: pickled(b"}\x8b" + struct.pack("<i", 900_000) + b"\x7f" * 900_000 + b"Ns"),
    "types-in-types.pt": lambda: pickled(FROM_TYPE * 10_000 + b"N" + b"N\x87R" * 10_000),
    "deep.pt": lambda: pickled(b"]" * 50_000 + b"a" * 49_999),
    "deep.png": lambda: card([]).replace(b"W10=", base64.b64encode(b"[" * 99_999)),
    # cards that lie
    "words.png": lambda: card({"string_to_param": {"*": {"TORCHTENSOR": ["a"] * 768}}}),
    "ragged.png": lambda: card({"string_to_param": {"*": {"TORCHTENSOR": [[1.0] * 768, [1.0]]}}}),
    "pixels-without-json.png": lambda: pixels(b"\x80\x02N."),
    "pixels-without-tensor.webp": lambda: pixels(b"{}", "WEBP"),
    # other kinds of files
    "lora.safetensors": lambda: tensors(**{"lora_unet_a.lora_down.weight": ONES, "b.alpha": ONES[0, 0]}),
    "bundle.safetensors": lambda: tensors(**{"bundle_emb.mira.clip_l": ONES, "lora_te.alpha": ONES[0, 0]}),
    "checkpoint.pt": lambda: saved({"state_dict": {"model.diffusion_model.a": ONES}, "epoch": 1}),
    "module.pt": lambda: saved(torch.nn.Linear(2, 2)),
    "hypernetwork.pt": lambda: saved({768: (ONES, ONES), "layer_structure": [1, 2, 1]}),
    "optimizer.pt": lambda: saved({"hash": "ab12", "optimizer_state_dict": {"state": {}}}),
    "xti.safetensors": lambda: tensors(IN01=ONES, MID=ONES, OUT11=ONES),
    "page.pt": lambda: b"<!DOCTYPE html><title>Sign in</title>",
    "answer.safetensors": lambda: b'{"error": "Access to model is restricted"}',
    "pointer.bin": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "archive.pt": lambda: zipped({"embedding.pt": saved({"a": ONES})}),
    "climbing.pt": lambda: zipped({"a/data.pkl": b"\x80\x02N.", "../../evil": b"x"}),
    "packed.pt": lambda: gzip.compress(saved({"a": ONES})),
    "first-layout.pt": tar_file,
    "array.pt": lambda: numpy_file(numpy.save),
    "arrays.pt": lambda: numpy_file(numpy.savez),
    "photo.png": lambda: b"\xff\xd8\xff\xe0" + bytes(100),
    "picture.jxl": lambda: b"\xff\x0a" + bytes(100),
    "program.pt": lambda: b"\x7fELF" + bytes(100),
    "text.bin": lambda: b"mira\n",
    "empty.pt": bytes,
    "blanks.safetensors": lambda: b" " * 4096,
    "zeros.pt": lambda: bytes(4096),
}


def peak_memory() -> int:
    """The most bytes this process ever held."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("name", FILES)
def test_every_hostile_file_is_refused_in_a_sentence_that_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name]())
    before = peak_memory() if sys.platform != "win32" else 0
    row = row_of_file(path)
    assert row["status"] == REFUSED
    assert row["reason"].startswith(f"{path} was refused: found ")
    assert row["reason"].isprintable() and len(row["reason"]) < 800
    assert "weights_only" not in row["reason"]
    if sys.platform != "win32":
        assert peak_memory() - before < GIBIBYTE


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 60


@pytest.mark.skipif(sys.platform == "win32", reason="such names and pipes need POSIX")
def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    (tmp_path / "folder.pt").mkdir()
    os.mkfifo(tmp_path / "pipe.pt")
    (tmp_path / "loop.pt").symlink_to(tmp_path / "loop.pt")
    (tmp_path / "memory.pt").symlink_to("/dev/zero")
    odd = tmp_path / "line\nbreak\x1b[31m\u202e.pt"
    odd.write_bytes(b"x")
    with (tmp_path / "hole.pt").open("wb") as stream:
        stream.truncate(1 << 40)
    for path in tmp_path.iterdir():
        row = row_of_file(path)
        assert row["status"] == REFUSED
        assert row["reason"].isprintable()
