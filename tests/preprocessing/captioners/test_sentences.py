"""Sentences for pictures: what is asked of a model, batches, and what is checked before anything starts."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import CaptioningConfig, PreprocessConfig
from traintab.errors import ConfigError, InputError, MemoryShortageError, ModelError
from traintab.models.image_to_text import Asking
from traintab.preprocessing.captioners import Captioner, CaptionerMeans, check_captioner, load_captioner
from traintab.preprocessing.captioners.sentences import SentenceCaptioner

PICTURES = [Image.new("RGB", (40, 30), color) for color in ("white", "black", "red", "navy", "gold")]
PICTURES.append(Image.radial_gradient("L").convert("RGB"))


def means_in(folder: Path, told: list[str] | None = None) -> CaptionerMeans:
    report = (told if told is not None else []).append
    return CaptionerMeans(models_dir=folder, device="cpu", report=report, interrupted=lambda: False)


def config_for(model: Path | str, caption: str = "blip", **captioning: Any) -> PreprocessConfig:
    usual = {"caption_min_length": 1, "caption_max_length": 12} | captioning
    return PreprocessConfig(
        source="a",
        destination="b",
        caption=caption,
        captioning=CaptioningConfig(caption_model=str(model), **usual),
    )


def captions_by(config: PreprocessConfig, tmp_path: Path) -> list[str]:
    captioner = load_captioner(config, means_in(tmp_path))
    assert captioner is not None
    try:
        return captioner.captions(PICTURES)
    finally:
        captioner.close()


@pytest.mark.parametrize("caption", ["none", "filename"])
def test_captions_that_need_no_model_load_none(tmp_path: Path, caption: str) -> None:
    config = config_for("", caption)
    check_captioner(config, tmp_path)
    assert load_captioner(config, means_in(tmp_path)) is None


@pytest.mark.preprocess_option("caption_model")
def test_each_model_writes_its_own_captions(tiny_captioners: Any, tmp_path: Path) -> None:
    by_blip = captions_by(config_for(tiny_captioners.folder("blip")), tmp_path)
    by_git = captions_by(config_for(tiny_captioners.folder("git"), "model"), tmp_path)
    assert len(by_blip) == len(by_git) == len(PICTURES)
    assert by_blip != by_git and any(by_blip) and any(by_git)


@pytest.mark.preprocess_option("caption_prompt", "caption_beams", "caption_min_length", "caption_max_length")
@pytest.mark.parametrize(
    "changed",
    [
        {"caption_prompt": "a photo of"},
        {"caption_beams": 4},
        {"caption_min_length": 11},
        {"caption_max_length": 4},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_setting_reaches_the_model(
    tiny_captioners: Any, tmp_path: Path, changed: dict[str, Any]
) -> None:
    folder = tiny_captioners.folder("blip")
    usual, other = (captions_by(config_for(folder, **settings), tmp_path) for settings in ({}, changed))
    assert usual != other


@dataclasses.dataclass
class Remembering:
    """Stands for a model: names pictures by their number, and can't hold more than `room` at once."""

    room: int = 100
    name: str = "tiny"
    batches: list[int] = dataclasses.field(default_factory=list)
    is_closed: bool = False

    def captions(self, images: Sequence[Image.Image], asking: Asking) -> list[str]:
        self.batches.append(len(images))
        if len(images) > self.room:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return [f"{image.getpixel((0, 0))}" for image in images]

    def close(self) -> None:
        self.is_closed = True


def numbered(count: int) -> list[Image.Image]:
    return [Image.new("L", (2, 2), number) for number in range(count)]


@pytest.mark.preprocess_option("caption_batch_size")
@pytest.mark.parametrize(("size", "batches"), [(1, [1] * 5), (2, [2, 2, 1]), (64, [5])])
def test_pictures_go_to_the_model_in_batches(size: int, batches: list[int]) -> None:
    model: Any = Remembering()
    captions = SentenceCaptioner(model, Asking(), size).captions(numbered(5))
    assert captions == ["0", "1", "2", "3", "4"] and model.batches == batches


def test_a_batch_that_does_not_fit_is_halved_and_stays_halved() -> None:
    model: Any = Remembering(room=2)
    captioner = SentenceCaptioner(model, Asking(), 8)
    assert captioner.captions(numbered(7)) == [str(number) for number in range(7)]
    assert model.batches == [7, 3, 1, 1, 1, 1, 1, 1, 1]
    assert captioner.captions([]) == []


def test_when_not_even_one_picture_fits_it_says_what_to_lower() -> None:
    model: Any = Remembering(room=0)
    with pytest.raises(MemoryShortageError, match=r"Lower 'BLIP: num_beams' from 5.*smaller model"):
        SentenceCaptioner(model, Asking(num_beams=5), 4).captions(numbered(3))


def test_closing_gives_the_model_back() -> None:
    model: Any = Remembering()
    SentenceCaptioner(model, Asking(), 1).close()
    assert model.is_closed


def refusal(config: PreprocessConfig, models_dir: Path, kind: type[InputError] = ModelError) -> str:
    with pytest.raises(kind) as refused:
        check_captioner(config, models_dir)
    return str(refused.value)


def test_a_hub_s_model_that_is_still_to_be_fetched_is_no_fault(tmp_path: Path) -> None:
    check_captioner(config_for(""), tmp_path)
    check_captioner(config_for("florence-community/Florence-2-base", "model"), tmp_path)


def test_folders_are_checked_before_anything_starts(tiny_captioners: Any, tmp_path: Path) -> None:
    check_captioner(config_for(tiny_captioners.folder("blip")), tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    assert "lacks config.json" in refusal(config_for(tmp_path / "empty"), tmp_path)
    assert "is a file. Give the folder it lies in." in refusal(config_for(tmp_path / "file"), tmp_path)
    assert "there is no folder" in refusal(config_for(tmp_path / "gone"), tmp_path)


def test_a_shard_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "model-00001-of-00002.safetensors").write_bytes(b"")
    index = (
        '{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}'
    )
    (tmp_path / "model.safetensors.index.json").write_text(index)
    assert "lacks model-00002-of-00002.safetensors." in refusal(config_for(tmp_path), tmp_path)


def test_contradicting_settings_are_refused(tmp_path: Path) -> None:
    assert "is 30 and 'BLIP: caption max length' 20" in refusal(
        config_for("", caption_min_length=30, caption_max_length=20), tmp_path, ConfigError
    )
    assert "'Caption model' is empty" in refusal(config_for(" ", "model"), tmp_path, ConfigError)


def test_a_missing_package_is_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "transformers" else find(name)
    )
    assert "run `pip install transformers`" in refusal(config_for(""), tmp_path, InputError)


def test_a_prompt_that_the_model_can_t_take_is_told_when_it_is_loaded(
    tiny_captioners: Any, tmp_path: Path
) -> None:
    config = config_for(tiny_captioners.folder("vit-gpt2"), "model", caption_prompt="a photo of")
    with pytest.raises(ModelError, match="takes no prompt"):
        load_captioner(config, means_in(tmp_path))


@dataclasses.dataclass
class Saying:
    """A captioner that knows its answers."""

    answers: list[str]
    name: str = "blip"
    is_closed: bool = False

    def captions(self, images: Sequence[Image.Image]) -> list[str]:
        return self.answers[: len(images)]

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.preprocess_option("caption")
def test_blip_and_tags_are_joined_by_a_comma(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sentences, tags = Saying(["A cat. It sits.", "a dog.", ""]), Saying(["cat", "", "tree"], name="tagger")
    monkeypatch.setattr(
        "traintab.preprocessing.captioners.sentences.load_sentences", lambda *_asked: sentences
    )
    monkeypatch.setattr("traintab.preprocessing.captioners.tagger.load_tagger", lambda *_asked: tags)
    both: Captioner | None = load_captioner(config_for("", "blip and tags"), means_in(tmp_path))
    assert both is not None and both.name == "blip and tagger"
    assert both.captions(PICTURES[:3]) == ["A cat. It sits, cat", "a dog.", "tree"]
    both.close()
    assert sentences.is_closed and tags.is_closed


def test_a_captioner_is_given_back_when_the_other_can_t_be_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_asked: object) -> Captioner:
        raise ModelError("no tagger")

    sentences = Saying([])
    monkeypatch.setattr(
        "traintab.preprocessing.captioners.sentences.load_sentences", lambda *_asked: sentences
    )
    monkeypatch.setattr("traintab.preprocessing.captioners.tagger.load_tagger", fails)
    with pytest.raises(ModelError, match="no tagger"):
        load_captioner(config_for("", "blip and tags"), means_in(tmp_path))
    assert sentences.is_closed
