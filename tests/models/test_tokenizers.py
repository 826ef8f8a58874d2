"""Tokenizers without the weights that belong to them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from traintab.errors import ModelError
from traintab.models.discovery import Checkpoint
from traintab.models.tokenizers import load_tokenizers

TEXT = "a photo of a red hat, (girl:1.2) BREAK cat"


@pytest.mark.parametrize("name", ["sd1", "sd2", "sdxl"])
def test_a_folder_s_tokenizers_divide_texts_as_the_loaded_model_does(tiny_families: Any, name: str) -> None:
    folder = tiny_families.folder(name)
    model = tiny_families.model(name)
    alone = load_tokenizers(Checkpoint(name=folder.name, path=folder, kind="folder"))
    assert [encoder.name for encoder in alone] == [encoder.name for encoder in model.text_encoders]
    for own, loaded in zip(alone, model.text_encoders, strict=True):
        assert own.tokenize(TEXT) == loaded.tokenize(TEXT)
        assert (own.max_tokens, own.bos_id, own.eos_id, own.pad_id) == (
            (loaded.max_tokens, loaded.bos_id, loaded.eos_id, loaded.pad_id)
        )


def test_no_weights_are_read(tiny_model_dir: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model_dir, tmp_path / "copy"))
    for file in folder.rglob("*.safetensors"):
        file.write_bytes(b"no weights")
    (encoder,) = load_tokenizers(Checkpoint(name="copy", path=folder, kind="folder"))
    assert encoder.tokenize("cat")


def test_a_single_file_has_clip_s_own_words(tiny_families: Any, original_layout: Any, tmp_path: Path) -> None:
    file = original_layout.write_single_file(tiny_families.folder("sdxl"), tmp_path / "xl.safetensors")
    encoders = load_tokenizers(Checkpoint(name="xl", path=file, kind="file"))
    assert [encoder.name for encoder in encoders] == ["clip_l", "clip_g"]
    assert [encoder.tokenize("a photo of a cat") for encoder in encoders] == [[320, 1125, 539, 320, 2368]] * 2
    assert [len(encoder.tokenizer) for encoder in encoders] == [49408] * 2


def test_a_missing_tokenizer_is_named(tiny_model_dir: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model_dir, tmp_path / "copy"))
    shutil.rmtree(folder / "tokenizer")
    with pytest.raises(ModelError, match="the folder tokenizer/ is missing"):
        load_tokenizers(Checkpoint(name="copy", path=folder, kind="folder"))
