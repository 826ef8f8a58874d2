from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from traintab.configs import PreprocessConfig, TaggingConfig
from traintab.errors import InputError, MemoryShortageError, ModelError, WorkError
from traintab.models.onnx_sessions import OnnxModel
from traintab.preprocessing.captioners import CaptionerMeans, check_captioner, load_captioner
from traintab.preprocessing.captioners.tagger import Tagger, load_tagger

BLUE, GREEN, RED = 0, 1, 2
TAGS = {"1girl": 1.0, "blush": 0.986, "bangs": 0.798, "blunt_bangs": 0.687, "rating:safe": 0.999}


@dataclass
class Heard:
    """What a captioner is given, and the sentences it told."""

    folder: Path
    device: str = "cpu"
    sentences: list[str] = field(default_factory=list)

    def means(self) -> CaptionerMeans:
        return CaptionerMeans(
            models_dir=self.folder,
            device=self.device,
            report=self.sentences.append,
            interrupted=lambda: False,
        )


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path / "models")


@pytest.fixture
def tagger(tiny_onnx: Any, tmp_path: Path) -> Callable[..., Tagger]:
    """`tagger({"cat": 0.9}, threshold=0.5, side=8)` is a tagger that is as sure of these."""

    def make(tags: dict[str, Any], *, threshold: float = 0.75, **details: Any) -> Tagger:
        folder = tiny_onnx.save_tagger(tmp_path / "tagger", tags, **details)
        return Tagger(folder, TaggingConfig(tag_threshold=threshold), "cpu")

    return make


def plain(color: str, size: tuple[int, int] = (4, 4)) -> Image.Image:
    return Image.new("RGB", size, color)


def test_the_sure_tags_of_a_picture_are_its_caption(tagger: Callable[..., Tagger]) -> None:
    assert tagger(TAGS).captions([plain("red")]) == ["1girl, blush, bangs"]


def test_a_picture_of_nothing_known_has_no_caption(tagger: Callable[..., Tagger]) -> None:
    assert tagger({"cat": 0.2}).captions([plain("red")]) == [""]


def test_the_model_is_given_blue_green_and_red_in_this_order(tagger: Callable[..., Tagger]) -> None:
    seen = tagger({"blue": (1, 1, BLUE), "green": (1, 1, GREEN), "red": (1, 1, RED)})
    colors = ["blue", "lime", "red", "yellow", "black"]
    assert seen.captions([plain(color) for color in colors]) == ["blue", "green", "red", "green, red", ""]


def test_a_wide_picture_stands_in_the_middle_of_a_white_square(tagger: Callable[..., Tagger]) -> None:
    seen = tagger({f"row {row}": (row, 0, RED) for row in range(4)})
    assert seen.captions([plain("black", (4, 2))]) == ["row 0, row 3"]


def test_a_tall_picture_stands_in_the_middle_of_a_white_square(tagger: Callable[..., Tagger]) -> None:
    seen = tagger({f"column {column}": (0, column, RED) for column in range(4)})
    assert seen.captions([plain("black", (2, 4))]) == ["column 0, column 3"]


def test_pictures_are_resized_bicubically(tagger: Callable[..., Tagger]) -> None:
    drawn = np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    value = np.asarray(Image.fromarray(drawn).resize((4, 4), Image.Resampling.BICUBIC))[2, 1, 0]
    above, below = (value + 0.5) / 255, (value - 0.5) / 255
    picture = [Image.fromarray(drawn)]
    assert tagger({"red": (2, 1, RED)}, threshold=below).captions(picture) == ["red"]
    assert tagger({"red": (2, 1, RED)}, threshold=above).captions(picture) == [""]


@pytest.mark.parametrize("batch", ["batch", 1, 2, 3, 5])
def test_captions_are_the_same_in_batches_of_any_size(tagger: Callable[..., Tagger], batch: Any) -> None:
    seen = tagger({"red": (0, 0, RED), "blue": (0, 0, BLUE)}, batch=batch)
    pictures = [plain(color) for color in ("red", "blue", "black", "magenta", "red")]
    assert seen.captions(pictures) == ["red", "blue", "", "red, blue", "red"]
    assert seen.captions([]) == []


def test_a_batch_that_does_not_fit_is_halved(
    tagger: Callable[..., Tagger], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, run = [], OnnxModel.run

    def short_of_memory(model: OnnxModel, values: Any) -> Any:
        sizes.append(len(values))
        if len(values) > 2:
            raise MemoryShortageError("full")
        return run(model, values)

    monkeypatch.setattr(OnnxModel, "run", short_of_memory)
    pictures = [plain(color) for color in ("red", "blue", "red", "red", "blue")]
    assert tagger({"red": (0, 0, RED)}).captions(pictures) == ["red", "", "red", "red", ""]
    assert sizes == [5, 2, 2, 1]


def test_one_picture_that_does_not_fit_is_told(
    tagger: Callable[..., Tagger], monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_of_memory(model: OnnxModel, values: Any) -> Any:
        raise MemoryShortageError("full")

    monkeypatch.setattr(OnnxModel, "run", short_of_memory)
    with pytest.raises(MemoryShortageError):
        tagger(TAGS).captions([plain("red")] * 4)


@pytest.fixture(scope="module")
def small_tagger(tiny_onnx: Any, tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    folder = tiny_onnx.save_tagger(tmp_path_factory.mktemp("small"), {"1girl": 1.0, "cat": 0.1}, side=16)
    return Tagger(folder, TaggingConfig(), "cpu")


@given(st.integers(1, 5000), st.integers(1, 300), st.booleans())
@settings(max_examples=25)
def test_pictures_of_any_shape_are_tagged(
    small_tagger: Tagger, width: int, height: int, turned: bool
) -> None:
    picture = plain("black", (height, width) if turned else (width, height))
    assert small_tagger.captions([picture]) == ["1girl"]


def test_a_model_of_another_table_is_refused(tagger: Callable[..., Tagger]) -> None:
    seen = tagger(TAGS, rows=[[1, "cat", 0, 5]])
    with pytest.raises(ModelError, match=r"answers \(5,\) numbers.* has 1 tags: they don't belong together"):
        seen.captions([plain("red")])


def test_a_model_that_answers_no_probabilities_is_refused(tagger: Callable[..., Tagger]) -> None:
    with pytest.raises(ModelError, match=r"no probabilities \(from -2 to 7\)"):
        tagger({"cat": 7.0, "dog": -2.0}).captions([plain("red")])


def test_a_model_with_the_colours_first_is_refused(tiny_onnx: Any, tmp_path: Path) -> None:
    folder = tiny_onnx.save_tagger(tmp_path, TAGS)
    tiny_onnx.save_background(folder / "model.onnx")
    with pytest.raises(ModelError, match="no WD tagger: it takes 1 x 3 x 8 x 8, and square pictures"):
        Tagger(folder, TaggingConfig(), "cpu")


def test_a_closed_tagger_has_given_its_model_back(tagger: Callable[..., Tagger]) -> None:
    seen = tagger(TAGS)
    seen.close()
    with pytest.raises(WorkError, match="closed"):
        seen.captions([plain("red")])


@pytest.mark.preprocess_option("tagger_model")
def test_a_folder_of_model_files_is_taken(tiny_onnx: Any, tmp_path: Path, heard: Heard) -> None:
    folder = tiny_onnx.save_tagger(tmp_path / "mine", {"cat": 0.9})
    config = PreprocessConfig(
        source="a", destination="b", caption="tags", tagging=TaggingConfig(tagger_model=str(folder))
    )
    check_captioner(config, heard.folder)
    captioner = load_captioner(config, heard.means())
    assert captioner is not None
    assert captioner.captions([plain("red")]) == ["cat"]
    assert heard.sentences == []


def test_the_usual_tagger_is_taken_from_where_it_was_fetched_to(tiny_onnx: Any, heard: Heard) -> None:
    tiny_onnx.save_tagger(heard.folder / "SmilingWolf--wd-vit-tagger-v3", {"dog": 0.8})
    assert load_tagger(TaggingConfig(), heard.means()).captions([plain("red")]) == ["dog"]


def test_a_card_that_cant_be_used_is_told_once(tiny_onnx: Any, tmp_path: Path, heard: Heard) -> None:
    folder = tiny_onnx.save_tagger(tmp_path / "mine", {"cat": 0.9})
    heard.device = "cuda"
    load_tagger(TaggingConfig(tagger_model=str(folder)), heard.means())
    assert heard.sentences == [
        "The tagger works on the processor, because this ONNX Runtime can't use the graphics card;"
        " onnxruntime-gpu in place of onnxruntime can."
    ]


@pytest.mark.parametrize("missing", ["model.onnx", "selected_tags.csv"])
def test_a_folder_without_a_file_is_refused_before_anything_starts(
    tiny_onnx: Any, tmp_path: Path, missing: str
) -> None:
    folder = tiny_onnx.save_tagger(tmp_path / "mine", TAGS)
    (folder / missing).unlink()
    config = PreprocessConfig(caption="tags", tagging=TaggingConfig(tagger_model=str(folder)))
    with pytest.raises(InputError, match=f"Tagger model: the folder .* lacks {missing}"):
        check_captioner(config, tmp_path)


def test_without_the_library_the_command_is_named_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"Making tags needs ONNX Runtime.*pip install onnxruntime"):
        check_captioner(PreprocessConfig(caption="tags"), tmp_path)
