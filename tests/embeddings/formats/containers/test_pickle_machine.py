"""Pickles made to harm: none runs anything, hangs or takes much memory."""

from __future__ import annotations

import io
import os
import pickle
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import torch


class Program:
    """What a hostile pickle asks for: a call of any function."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self.call = (call, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("is_nested", [False, True])
def test_a_program_in_a_pickle_never_runs(
    tmp_path: Path,
    protocol: int,
    is_nested: bool,
    refused: Callable[[Path, bytes], str],
    layouts: Callable[[bytes], list[bytes]],
) -> None:
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
def test_no_function_can_be_asked_for(
    tmp_path: Path,
    call: tuple[Callable[..., object], object],
    refused: Callable[[Path, bytes], str],
    layouts: Callable[[bytes], list[bytes]],
) -> None:
    for data in layouts(pickle.dumps(Program(*call), protocol=4)):
        assert "may run a program" in refused(tmp_path / "mira.pt", data)


@pytest.mark.parametrize(
    "name", ["torch._utils\n_rebuild_tensor_v2.__globals__", "torch\nFloatStorage.x", "os\nsystem"]
)
def test_dotted_names_lead_nowhere(
    tmp_path: Path, name: str, refused: Callable[[Path, bytes], str], layouts: Callable[[bytes], list[bytes]]
) -> None:
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
def test_pickles_that_make_no_sense_are_refused(
    tmp_path: Path,
    pickled: bytes,
    refused: Callable[[Path, bytes], str],
    layouts: Callable[[bytes], list[bytes]],
) -> None:
    for data in layouts(pickled):
        refused(tmp_path / "mira.pt", data)


def test_a_memo_index_beyond_reason_takes_no_memory(
    tmp_path: Path, refused: Callable[[Path, bytes], str], layouts: Callable[[bytes], list[bytes]]
) -> None:
    tracemalloc.start()
    for data in layouts(b"\x80\x02Nr\xff\xff\xff\xff."):
        refused(tmp_path / "mira.pt", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("opening", [b"]", b"(", b"}X\x01\0\0\0a"])
def test_deeply_nested_pickles_exhaust_nothing(
    tmp_path: Path,
    opening: bytes,
    refused: Callable[[Path, bytes], str],
    layouts: Callable[[bytes], list[bytes]],
) -> None:
    closing = {b"]": b"a", b"(": b"t", b"}X\x01\0\0\0a": b"s"}[opening]
    depth = 10_000
    for data in layouts(b"\x80\x02" + opening * depth + b"N" + closing * depth + b"."):
        refused(tmp_path / "mira.pt", data)


def test_a_nested_tuple_as_a_name_exhausts_nothing(
    tmp_path: Path, refused: Callable[[Path, bytes], str], layouts: Callable[[bytes], list[bytes]]
) -> None:
    nested = b"\x80\x02N" + b"\x85" * 20_000
    for tail in (b"X\x01\0\0\0a\x93.", b"N}(hs.", b"Q."):
        for data in layouts(nested + tail):
            refused(tmp_path / "mira.pt", data)


def test_values_that_contain_themselves_are_refused(
    tmp_path: Path, refused: Callable[[Path, bytes], str], layouts: Callable[[bytes], list[bytes]]
) -> None:
    own: list[object] = []
    own.append(own)
    tree: dict[str, object] = {"a": own}
    tree["string_to_param"] = tree
    for data in layouts(pickle.dumps(tree, protocol=2)):
        refused(tmp_path / "mira.pt", data)
