"""Chat models keep their templates in several places, and some write an opening token that is put anyway."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.models.devices import choose_device
from traintab.models.image_to_text import Asking, ImageToText
from traintab.models.image_to_text_kinds import kind_for
from traintab.models.image_to_text_loading import load_image_to_text

PICTURES = [Image.new("RGB", (50, 30), "white"), Image.radial_gradient("L").convert("RGB")]


@pytest.fixture
def folder(tiny_captioners: Any, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_captioners.folder("llava"), tmp_path / "tiny-llava"))


def changed(path: Path, **more: Any) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | more), encoding="utf-8")


def loaded(folder: Path) -> ImageToText:
    return load_image_to_text(folder, choose_device("cpu"))


def test_a_template_that_lies_with_the_tokenizer_does_the_same(folder: Path) -> None:
    expected = loaded(folder).captions(PICTURES, Asking(max_length=8))
    template = json.loads((folder / "chat_template.json").read_text(encoding="utf-8"))["chat_template"]
    (folder / "chat_template.json").unlink()
    changed(folder / "tokenizer_config.json", chat_template=template)
    assert loaded(folder).captions(PICTURES, Asking(max_length=8)) == expected


@pytest.mark.parametrize("is_put_by_tokenizer", [True, False])
def test_the_opening_token_is_there_once(folder: Path, is_put_by_tokenizer: bool) -> None:
    path = folder / "chat_template.json"
    changed(path, chat_template="<s>" + json.loads(path.read_text(encoding="utf-8"))["chat_template"])
    if is_put_by_tokenizer:
        opening = {"SpecialToken": {"id": "<s>", "type_id": 0}}
        putting = {
            "type": "TemplateProcessing",
            "single": [opening, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                opening,
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
            ],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}},
        }
        changed(folder / "tokenizer.json", post_processor=putting)
    ids = loaded(folder)._kind.inputs(PICTURES[:1], "")["input_ids"][0].tolist()
    assert ids[0] == 0 and ids.count(0) == 1


def test_a_batch_is_given_in_lists_to_a_processor_that_wants_them(folder: Path) -> None:
    """Gemma 3 takes a plain list for several pictures of one text, and has as many texts as pictures then."""
    from transformers import Gemma3ImageProcessor, Gemma3Processor

    tokenizer = loaded(folder)._kind.processor.tokenizer
    tokens = {"boi_token": "<image>", "boi_token_id": 3, "eoi_token": "<unk>", "eoi_token_id": 4}
    for name, value in {**tokens, "image_token": "<image>", "image_token_id": 3}.items():
        setattr(tokenizer, name, value)
    pictures = Gemma3ImageProcessor(size={"height": 32, "width": 32})
    kind = kind_for("gemma3", Gemma3Processor(pictures, tokenizer, image_seq_length=2), "tiny-gemma3")
    single, batch = (kind.inputs(PICTURES[:count], "<image> a cat") for count in (1, 2))
    assert batch["pixel_values"].shape[0] == 2 == 2 * single["pixel_values"].shape[0]
    assert batch["input_ids"].tolist() == single["input_ids"].tolist() * 2


def test_an_answer_that_came_to_its_end_is_not_taken_for_a_cut_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request, which these models give back, is no part of the caption's length."""
    model = loaded(folder)
    tokenizer = model._kind.processor.tokenizer
    told = tokenizer("a photo of a cat", add_special_tokens=False, return_tensors="pt")["input_ids"]
    monkeypatch.setattr(tokenizer, "batch_decode", lambda *_ids, **_how: ["St. Paul on a house"])

    def answered(**asked: Any) -> Any:
        import torch

        return torch.cat([asked["input_ids"], told], dim=1)

    monkeypatch.setattr(model._model, "generate", answered)
    assert model.captions(PICTURES[:1], Asking(max_length=10)) == ["St. Paul on a house"]
    assert model.captions(PICTURES[:1], Asking(max_length=told.shape[1])) == ["St."]
