"""Pickles that run a program when Python or torch loads them: here none does, in whatever form it comes.

A canary tells: every program makes one folder. The first test is the control; it loads each file the unsafe
way and sees the canary appear, so that the second, in which it must not, means something.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import io
import operator
import os
import pathlib
import pickle
import runpy
import struct
import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import torch

from traintab.embeddings.formats import read_bundled, read_embedding
from traintab.errors import EmbeddingFileError


class Program:
    """What a hostile pickle asks for: a call of any function, which may itself be the result of one."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self.call = (call, arguments)

    def __call__(self) -> object:
        raise AssertionError("only the pickle of it is wanted")

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


class Awakened:
    """Runs its program when its state is set."""

    def __init__(self, canary: str) -> None:
        self.canary = canary

    def __setstate__(self, state: dict[str, str]) -> None:
        Path(state["canary"]).mkdir()


class Reduced:
    """Runs its program through `copyreg`, as plain classes are pickled."""

    def __init__(self, canary: str) -> None:
        self.canary = canary

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        return Program, (os.getcwd,), None, iter([Program(os.mkdir, self.canary)])

    def append(self, value: object) -> None:
        raise AssertionError(value)


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def python_code(canary: str) -> str:
    return f"__import__('os').mkdir({canary!r})"


def script(canary: str) -> str:
    path = Path(canary).with_suffix(".py")
    path.write_text(python_code(canary), encoding="utf-8")
    return str(path)


def partial_with_state(canary: str) -> bytes:
    """A harmless `functools.partial`, whose state is then exchanged for another function."""
    made = b"cfunctools\npartial\n(cbuiltins\nlen\ntR"
    state = b"(cos\nmkdir\n(" + text(canary) + b"t}Nt"
    return b"\x80\x02" + made + state + b"b)R."


def from_type(canary: str) -> bytes:
    """Through a name of torch's that tensors with attributes need: it calls what it is given."""
    arguments = b"(cos\nmkdir\nctorch\nTensor\n(" + text(canary) + b"t}t"
    return b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n" + arguments + b"R."


def dumped(program: object) -> bytes:
    return pickle.dumps(program, protocol=2)


WAYS: dict[str, Callable[[str], bytes]] = {
    "os.mkdir": lambda canary: dumped(Program(os.mkdir, canary)),
    "os.system": lambda canary: dumped(Program(os.system, f'mkdir "{canary}"')),
    "os.open": lambda canary: dumped(Program(os.open, canary, os.O_CREAT | os.O_WRONLY)),
    "builtins.exec": lambda canary: dumped(Program(exec, python_code(canary))),
    "builtins.eval": lambda canary: dumped(Program(eval, python_code(canary))),
    "builtins.open": lambda canary: dumped(
        Program(Program(getattr, Program(builtins.open, canary, "w"), "close"))
    ),
    "builtins.getattr": lambda canary: dumped(
        Program(Program(getattr, Program(__import__, "os"), "mkdir"), canary)
    ),
    "python 2's builtins": lambda canary: (
        b"\x80\x02c__builtin__\neval\n(" + text(python_code(canary)) + b"tR."
    ),
    "importlib": lambda canary: dumped(
        Program(Program(getattr, Program(importlib.import_module, "os"), "mkdir"), canary)
    ),
    "pathlib": lambda canary: dumped(Program(pathlib.Path.mkdir, pathlib.Path(canary))),
    "operator": lambda canary: dumped(Program(operator.methodcaller("mkdir"), pathlib.Path(canary))),
    "functools": lambda canary: dumped(Program(functools.partial(os.mkdir, canary))),
    "subprocess": lambda canary: dumped(Program(subprocess.check_call, ["mkdir", canary])),
    "runpy": lambda canary: dumped(Program(runpy.run_path, script(canary))),
    "timeit": lambda canary: dumped(
        Program(timeit.timeit, "pass", python_code(canary), time.perf_counter, 1)
    ),
    "pickle": lambda canary: dumped(Program(pickle.loads, dumped(Program(os.mkdir, canary)))),
    "numpy.save": lambda canary: dumped(Program(numpy.save, f"{canary}.npy", 0)),
    "numpy.memmap": lambda canary: dumped(Program(numpy.memmap, canary, "uint8", "w+", 0, (1,))),
    "torch.save": lambda canary: dumped(Program(torch.save, 0, canary)),
    "torch.storage": lambda canary: dumped(
        Program(importlib.import_module("torch.storage")._load_from_bytes, in_legacy(os.mkdir, canary))
    ),
    "torch._tensor": from_type,
    "torch.jit": lambda canary: (
        b"\x80\x02ctorch.jit.unsupported_tensor_ops\nexecWrapper\n(" + text(python_code(canary)) + b"}}tR."
    ),
    "__setstate__": lambda canary: dumped(Awakened(canary)),
    "__setstate__ of a partial": partial_with_state,
    "list items of __reduce_ex__": lambda canary: dumped([Reduced(canary)]),
    "beside real vectors": lambda canary: dumped(
        {"string_to_param": {"*": [0.5] * 768}, "name": Program(os.mkdir, canary)}
    ),
    "a dotted name": lambda canary: (
        b"\x80\x04" + text("shutil") + text("os.mkdir") + b"\x93" + text(canary) + b"\x85R."
    ),
    "protocol 0": lambda canary: pickle.dumps(Program(os.mkdir, canary), protocol=0),
    "protocol 1": lambda canary: pickle.dumps(Program(os.mkdir, canary), protocol=1),
    "protocol 5": lambda canary: pickle.dumps(Program(os.mkdir, canary), protocol=5),
    "INST": lambda canary: b"(" + text(canary) + b"ios\nmkdir\n.",
    "OBJ": lambda canary: b"\x80\x02(cos\nmkdir\n" + text(canary) + b"o.",
}
FORMS = ("bare", "legacy", "zip")


def in_legacy(call: Callable[..., object], *arguments: object) -> bytes:
    stream = io.BytesIO()
    torch.save(Program(call, *arguments), stream, _use_new_zipfile_serialization=False)
    return stream.getvalue()


@pytest.fixture(params=[(way, form) for way in WAYS for form in FORMS], ids=lambda pair: "-".join(pair))
def hostile(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    legacy: Callable[..., bytes],
    zipped: Callable[..., bytes],
) -> tuple[bytes, Path]:
    """A hostile file's bytes, and the folder that stays empty as long as they don't run."""
    way, form = request.param
    nest = tmp_path / "nest"
    nest.mkdir()
    pickled = WAYS[way](str(nest / "canary"))
    forms = {
        "bare": lambda: pickled,
        "legacy": lambda: legacy(pickled),
        "zip": lambda: zipped({"a/data.pkl": pickled, "a/version": b"3\n", "a/byteorder": b"little"}),
    }
    return forms[form](), nest


def canaries(nest: Path) -> list[str]:
    return [path.name for path in nest.iterdir() if path.name.startswith("canary") and path.suffix != ".py"]


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are written for POSIX")
def test_the_control_loading_the_unsafe_way_lets_the_canary_out(hostile: tuple[bytes, Path]) -> None:
    data, nest = hostile
    with contextlib.suppress(RuntimeError, pickle.UnpicklingError, EOFError, AttributeError):
        if data.startswith(b"PK") or pickle.dumps(0x1950A86A20F9469CFC6C, 2) in data[:20]:
            torch.load(io.BytesIO(data), weights_only=False)
        else:
            pickle.loads(data)
    assert canaries(nest)


@pytest.mark.parametrize("suffix", [".pt", ".bin"])
def test_no_canary_gets_out_and_the_file_is_refused_in_a_sentence(
    hostile: tuple[bytes, Path], tmp_path: Path, suffix: str, refused: Callable[[Path, bytes], str]
) -> None:
    data, nest = hostile
    message = refused(tmp_path / f"mira{suffix}", data)
    assert "\n" not in message and "weights_only" not in message
    assert not canaries(nest)


@pytest.mark.parametrize("way", ["os.mkdir", "torch._tensor", "__setstate__"])
@pytest.mark.parametrize("suffix", [".safetensors", ".png", ".webp", ".avif", ".jxl", ".optim", ""])
def test_a_pickle_under_another_suffix_runs_as_little(tmp_path: Path, way: str, suffix: str) -> None:
    path = tmp_path / f"mira{suffix}"
    path.write_bytes(WAYS[way](str(tmp_path / "canary")))
    for read in (read_embedding, read_bundled):
        with pytest.raises(EmbeddingFileError, match="was refused"):
            read(path)
    assert not canaries(tmp_path)
