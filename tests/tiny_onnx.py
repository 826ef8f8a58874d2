"""Real ONNX models of a few numbers, whose answers are known by hand."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_OPSET, _IR = 17, 8  # old enough for the ONNX Runtime of a web UI

Reading = float | tuple[int, int, int]


def save_model(
    path: Path, nodes: Sequence[Any], shapes: tuple[Sequence[Any], Sequence[Any]], **details: Any
) -> Path:
    """A graph from `input` to `output` of these shapes; `weights` by name, `dtype` of ONNX."""
    dtype = details.get("dtype", TensorProto.FLOAT)
    graph = helper.make_graph(
        list(nodes),
        "tiny",
        [helper.make_tensor_value_info("input", dtype, shapes[0])],
        [helper.make_tensor_value_info("output", dtype, shapes[1])],
        [numpy_helper.from_array(value, name) for name, value in details.get("weights", {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path


def save_tagger(
    folder: Path, tags: Mapping[str, Reading], *, side: int = 4, batch: int | str = "batch", **details: Any
) -> Path:
    """A tagger's folder. A tag is always as sure as its number, or as sure as one value is near 255: that
    of (row, column, channel) in the picture as the model is given it.

    `categories` by tag, 0 where none is given; `rows` in place of the table's own.
    """
    values = side * side * 3
    weights = np.zeros((values, len(tags)), np.float32)
    always = np.zeros(len(tags), np.float32)
    for column, reading in enumerate(tags.values()):
        if isinstance(reading, tuple):
            row, across, channel = reading
            weights[(row * side + across) * 3 + channel, column] = 1 / 255
        else:
            always[column] = reading
    nodes = [
        helper.make_node("Flatten", ["input"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "weights"], ["seen"]),
        helper.make_node("Add", ["seen", "always"], ["output"]),
    ]
    shapes = [batch, side, side, 3], [batch, len(tags)]
    save_model(folder / "model.onnx", nodes, shapes, weights={"weights": weights, "always": always})
    categories = details.get("categories", {})
    rows = details.get("rows") or [[9, name, categories.get(name, 0), 5] for name in tags]
    with (folder / "selected_tags.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["tag_id", "name", "category", "count"], *rows])
    return folder


def save_background(
    path: Path, *, size: Sequence[Any] = (8, 8), scale: float = 0.1, shift: float = 0.5, **details: Any
) -> Path:
    """A background model that answers the first channel as it is given it, times `scale`, plus `shift`;
    `size` is (height, width), `dtype` ONNX's.
    """
    dtype = details.get("dtype", TensorProto.FLOAT)
    kind = helper.tensor_dtype_to_np_dtype(dtype)
    weights = {
        "first": np.array([0], np.int64),
        "scale": np.array(scale, kind),
        "shift": np.array(shift, kind),
    }
    nodes = [
        helper.make_node("Gather", ["input", "first"], ["red"], axis=1),
        helper.make_node("Mul", ["red", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["output"]),
    ]
    return save_model(path, nodes, ([1, 3, *size], [1, 1, *size]), weights=weights, dtype=dtype)
