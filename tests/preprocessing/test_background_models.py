from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from PIL import Image

from traintab.errors import ModelError, WorkError
from traintab.models.onnx_sessions import OnnxModel
from traintab.preprocessing.background_models import OnnxBackground

# `save_background`'s sizes and answers in rembg 2.0.86 with `drawn()`: every fourth pixel of rows 0 and 5.
RECORDED: dict[str, tuple[int, float, float, list[int], list[int]]] = {
    "u2net": (320, 0.1, 0.5, [0, 42, 88, 128, 171], [0, 51, 211, 128, 171]),
    "silueta": (320, 0.1, 0.5, [0, 42, 88, 128, 171], [0, 51, 211, 128, 171]),
    "isnet-anime": (1024, 0.1, 0.5, [0, 42, 88, 128, 171], [1, 51, 211, 128, 171]),
    "isnet-general-use": (1024, 0.3, 0.5, [0, 42, 88, 128, 171], [0, 52, 211, 128, 171]),
    "birefnet-general": (1024, 3.0, 0.0, [0, 3, 35, 143, 235], [0, 28, 253, 142, 235]),
}

Make = Callable[..., OnnxBackground]


@pytest.fixture
def background(tiny_onnx: Any, tmp_path: Path) -> Make:
    """`background("u2net", size=(8, 8))` answers the red of what it is given."""

    def make(name: str = "u2net", **details: Any) -> OnnxBackground:
        return OnnxBackground(tiny_onnx.save_background(tmp_path / f"{name}.onnx", **details), "cpu")

    return make


def drawn() -> Image.Image:
    """20 x 12 pixels: red grows to the right, green to the bottom, and a reddish block lies on it."""
    colors = np.zeros((12, 20, 3), np.uint8)
    colors[..., 0] = np.arange(20) * 10
    colors[..., 1] = np.arange(12)[:, None] * 9
    colors[3:7, 5:9] = (200, 30, 90)
    return Image.fromarray(colors)


@pytest.mark.parametrize("name", RECORDED)
def test_masks_are_those_of_rembg(background: Make, name: str) -> None:
    side, scale, shift, top, middle = RECORDED[name]
    found = np.asarray(background(name, size=(side, side), scale=scale, shift=shift)(drawn()))
    assert found[0, ::4].tolist() == top
    assert found[5, ::4].tolist() == middle


def test_the_subject_is_white_and_the_rest_black(background: Make) -> None:
    picture = Image.new("RGB", (64, 32), "black")
    picture.paste("red", (16, 8, 48, 24))
    found = background(size=(32, 64))(picture)
    assert found.mode == "L"
    assert found.size == (64, 32)
    assert found.getpixel((32, 16)) == 255
    assert found.getpixel((2, 2)) == 0


@pytest.mark.parametrize(
    ("name", "seen"), [("u2netp", (320, 320)), ("isnet-anime", (1024, 1024)), ("mine", (1024, 1024))]
)
def test_a_model_that_leaves_its_size_open_is_given_that_of_its_kind(
    background: Make, monkeypatch: pytest.MonkeyPatch, name: str, seen: tuple[int, int]
) -> None:
    shapes, run = [], OnnxModel.run

    def watched(model: OnnxModel, values: Any) -> Any:
        shapes.append(values.shape)
        return run(model, values)

    monkeypatch.setattr(OnnxModel, "run", watched)
    background(name, size=("height", "width"))(drawn())
    assert shapes == [(1, 3, *seen)]


def test_a_models_own_size_wins_over_that_of_its_kind(background: Make) -> None:
    assert background("u2net", size=(16, 48))(drawn()).size == (20, 12)


def test_answers_of_any_size_become_shares(background: Make) -> None:
    """Far from 0 the logistic function is flat: a gentle slope ends as a sharp edge."""
    found = np.asarray(background(size=(12, 20), scale=40.0, shift=0.0)(drawn()))
    assert found[0].tolist() == [0] * 8 + found[0, 8:12].tolist() + [255] * 8


def test_a_model_of_half_precision_finds_the_same(background: Make) -> None:
    exact = np.asarray(background("u2net", size=(12, 20))(drawn())).astype(int)
    half = np.asarray(background("u2net", size=(12, 20), dtype=TensorProto.FLOAT16)(drawn())).astype(int)
    assert np.abs(exact - half).max() <= 2


@pytest.mark.parametrize(("shift", "value"), [(0.0, 0), (0.4, 102), (1.0, 255)])
def test_one_answer_for_the_whole_picture_is_taken_as_it_is(
    background: Make, shift: float, value: int
) -> None:
    found = background(scale=0.0, shift=shift)(drawn())
    assert found.getextrema() == (value, value)


@pytest.mark.parametrize(("shift", "whitest"), [(0.03, 13), (0.3, 255)])
def test_the_noise_of_a_model_that_found_nothing_is_no_subject(
    background: Make, shift: float, whitest: int
) -> None:
    """Where the likeliest pixel is less than a tenth subject nothing is spread."""
    found = background(size=(12, 20), scale=0.01, shift=shift)(drawn())
    assert found.getextrema()[1] == pytest.approx(whitest, abs=1)


def test_a_black_picture_has_a_mask(background: Make) -> None:
    assert background()(Image.new("RGB", (5, 7))).size == (5, 7)


@pytest.fixture(scope="module")
def small(tiny_onnx: Any, tmp_path_factory: pytest.TempPathFactory) -> OnnxBackground:
    path = tiny_onnx.save_background(tmp_path_factory.mktemp("small") / "u2net.onnx", size=(16, 16))
    return OnnxBackground(path, "cpu")


@given(st.integers(1, 5000), st.integers(1, 300))
@settings(max_examples=25)
def test_pictures_of_any_shape_get_a_mask_of_their_size(
    small: OnnxBackground, width: int, height: int
) -> None:
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    assert small(picture).size == (width, height)


def test_a_tagger_finds_no_backgrounds(tiny_onnx: Any, tmp_path: Path) -> None:
    folder = tiny_onnx.save_tagger(tmp_path, {"cat": 0.5})
    with pytest.raises(ModelError, match="takes any x 4 x 4 x 3, and 1 x 3 x height x width was expected"):
        OnnxBackground(folder / "model.onnx", "cpu")


def test_a_model_that_answers_one_number_finds_no_backgrounds(tiny_onnx: Any, tmp_path: Path) -> None:
    node = helper.make_node("ReduceMean", ["input"], ["output"], axes=[1, 2, 3], keepdims=0)
    path = tiny_onnx.save_model(tmp_path / "mean.onnx", [node], ([1, 3, 8, 8], [1]))
    with pytest.raises(ModelError, match=r"mean\.onnx answers \(1,\), no picture of where the subject is"):
        OnnxBackground(path, "cpu")(drawn())


def test_a_closed_model_has_given_its_memory_back(background: Make) -> None:
    remover = background()
    remover.close()
    with pytest.raises(WorkError, match="closed"):
        remover(drawn())
