from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from traintab.errors import InputError, MemoryShortageError, ModelError, WorkError
from traintab.models.onnx_sessions import load_onnx


def doubling(tiny_onnx: Any, path: Path, *, shape: Any = ("n", 2), dtype: int = TensorProto.FLOAT) -> Path:
    node = helper.make_node("Add", ["input", "input"], ["output"])
    return tiny_onnx.save_model(path, [node], (shape, shape), dtype=dtype)


def test_a_model_answers_for_each_row(tiny_onnx: Any, tmp_path: Path) -> None:
    model = load_onnx(doubling(tiny_onnx, tmp_path / "a.onnx"), "cpu")
    assert model.run(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert model.input_shape == (None, 2)


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_a_model_of_another_precision_is_given_its_own_numbers(
    tiny_onnx: Any, tmp_path: Path, dtype: int
) -> None:
    model = load_onnx(doubling(tiny_onnx, tmp_path / "a.onnx", dtype=dtype), "cpu")
    found = model.run(np.array([[0.5, 1.25]], np.float32))
    assert found.dtype == np.float32
    assert found.tolist() == [[1.0, 2.5]]


def test_threads_get_their_own_answers(tiny_onnx: Any, tmp_path: Path) -> None:
    model = load_onnx(doubling(tiny_onnx, tmp_path / "a.onnx"), "cpu")
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda number: model.run(np.full((1, 2), number))[0, 0], range(50))
    assert list(found) == [2.0 * number for number in range(50)]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model file .*none\.onnx"):
        load_onnx(tmp_path / "none.onnx", "cpu")


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "torn.onnx"
    path.write_bytes(b"no model at all")
    with pytest.raises(ModelError, match=r"^Loading torn\.onnx failed: .*[Pp]rotobuf.* Fetch the file again"):
        load_onnx(path, "cpu")


def test_a_model_of_words_is_refused(tiny_onnx: Any, tmp_path: Path) -> None:
    path = doubling(tiny_onnx, tmp_path / "words.onnx", dtype=TensorProto.INT64)
    with pytest.raises(ModelError, match=r"no model of pictures alone: it wants input tensor\(int64\)"):
        load_onnx(path, "cpu")


def test_a_picture_that_a_model_does_not_take_is_told(tiny_onnx: Any, tmp_path: Path) -> None:
    model = load_onnx(doubling(tiny_onnx, tmp_path / "a.onnx"), "cpu")
    with pytest.raises(
        WorkError, match=r"^Running a\.onnx failed: Got invalid .* index: 1 Got: 3 Expected: 2"
    ):
        model.run(np.zeros((1, 3)))


def test_a_shortage_of_memory_is_told_as_one(tiny_onnx: Any, tmp_path: Path) -> None:
    # 2^48 bytes are more than a program can address, whatever the machine.
    shape = np.array([2**46], np.int64)
    node = helper.make_node("Expand", ["input", "shape"], ["output"])
    path = tiny_onnx.save_model(tmp_path / "huge.onnx", [node], ([1], ["n"]), weights={"shape": shape})
    said = (
        r"^Running huge\.onnx ran out of memory: Failed to allocate memory for .* size 281474976710656\. Take"
    )
    with pytest.raises(MemoryShortageError, match=said):
        load_onnx(path, "cpu").run(np.zeros(1))


def test_a_file_that_is_newer_than_the_library_is_told_with_the_command(
    tiny_onnx: Any, tmp_path: Path
) -> None:
    path = doubling(tiny_onnx, tmp_path / "new.onnx")
    model = onnx.load(str(path))
    model.ir_version = 99
    onnx.save(model, str(path))
    said = r"^Loading new\.onnx failed: Unsupported model IR version: 99, .*Update ONNX Runtime: .* --upgrade"
    with pytest.raises(ModelError, match=said):
        load_onnx(path, "cpu")


def test_a_closed_model_says_so(tiny_onnx: Any, tmp_path: Path) -> None:
    model = load_onnx(doubling(tiny_onnx, tmp_path / "a.onnx"), "cpu")
    model.close()
    model.close()
    with pytest.raises(WorkError, match="closed already"):
        model.run(np.zeros((1, 2)))


def test_without_the_library_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"Reading a\.onnx needs ONNX Runtime.* -m pip install onnxruntime`"):
        load_onnx(tmp_path / "a.onnx", "cpu")


def test_a_library_that_cant_be_loaded_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('DLL load failed')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "onnxruntime")
    with pytest.raises(InputError, match=r"can't be loaded \(DLL load failed\)\. Install it again with"):
        load_onnx(tmp_path / "a.onnx", "cpu")


class Recorded:
    """Takes the place of the session's type: remembers what it was asked to run on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, available: list[str]) -> None:
        self.providers: list[Any] = []
        self._session = onnxruntime.InferenceSession
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
        monkeypatch.setattr(onnxruntime, "InferenceSession", self.open)
        monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)

    def open(self, path: str, options: Any, providers: list[Any]) -> Any:
        self.providers = providers
        return self._session(path, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(
    ("device", "asked"),
    [
        ("cpu", ["CPUExecutionProvider"]),
        ("mps", ["CPUExecutionProvider"]),
        ("cuda", [("CUDAExecutionProvider", {"device_id": 0}), "CPUExecutionProvider"]),
        ("cuda:1", [("CUDAExecutionProvider", {"device_id": 1}), "CPUExecutionProvider"]),
    ],
)
def test_the_card_is_asked_for_by_its_number(
    tiny_onnx: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, asked: list[Any]
) -> None:
    recorded = Recorded(monkeypatch, ["CUDAExecutionProvider", "CPUExecutionProvider"])
    load_onnx(doubling(tiny_onnx, tmp_path / "a.onnx"), device)
    assert recorded.providers == asked


def test_a_library_without_the_card_runs_on_the_processor(
    tiny_onnx: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(monkeypatch, ["AzureExecutionProvider", "CPUExecutionProvider"])
    model = load_onnx(doubling(tiny_onnx, tmp_path / "a.onnx"), "cuda")
    assert recorded.providers == ["CPUExecutionProvider"]
    assert model.on_processor
