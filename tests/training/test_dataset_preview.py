"""What the model will see, told before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.errors import DatasetError, EmbeddingFileError
from traintab.models.model import Model
from traintab.models.single_file import TOKENIZER_DIR
from traintab.models.single_file_adapter import make_tokenizer
from traintab.models.tokenizers import _WithoutWeights
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.dataset_preview import PromptReader, preview_dataset
from traintab.training.events import StepCompleted, TrainingEvent

Trainer = Callable[..., list[TrainingEvent]]


@pytest.fixture(scope="module")
def clip() -> _WithoutWeights:
    """CLIP L's own tokenizer."""
    return _WithoutWeights("clip_l", make_tokenizer(TOKENIZER_DIR, pad_token="<|endoftext|>"))


def test_rows_are_numbered_as_words_added_to_clip(clip: _WithoutWeights) -> None:
    reader = PromptReader([clip], {"my-char": 3, "other": 2, "bad": 1}, ["my-char"])
    prompt = reader.read("a photo of my-char, bad other")
    assert prompt.chunks == {"clip_l": ((320, 1125, 539, 49408, 49409, 49410, 267, 49411, 49412, 49413),)}
    assert (prompt.names, prompt.is_shown) == (("my-char", "bad", "other"), True)
    assert reader.placeholder_ids == {
        "clip_l": {"my-char": (49408, 49409, 49410), "bad": (49411,), "other": (49412, 49413)}
    }
    assert reader.capacity == 75


def test_embeddings_trained_together_are_numbered_in_their_order(clip: _WithoutWeights) -> None:
    reader = PromptReader([clip], {"b": 2, "a": 1}, ["b", "a"])
    reader.read("a picture")
    assert reader.placeholder_ids["clip_l"] == {"b": (49408, 49409), "a": (49410,)}


def test_a_long_prompt_is_shown_in_its_chunks(clip: _WithoutWeights) -> None:
    chunks = PromptReader([clip], {"zq": 2}, ["zq"]).read("cat " * 74 + "zq hat").chunks["clip_l"]
    assert chunks == ((2368,) * 74, (49408, 49409, 3801))


def test_a_name_inside_another_word_is_not_shown(clip: _WithoutWeights) -> None:
    reader = PromptReader([clip], {"zq": 1}, ["zq"])
    assert not reader.read("a photo of zqs").is_shown
    assert reader.read("a photo of zq!").is_shown


def test_the_prompts_are_those_of_the_run(
    config: TrainingConfig, paths: Paths, run_training: Trainer
) -> None:
    preview = preview_dataset(config, paths)
    assert [picture.image.name for picture in preview.pictures][:2] == ["black hat.png", "blue hat.png"]
    assert all(len(picture.prompts) == 1 for picture in preview.pictures)
    assert not preview.varies
    assert not preview.unshown
    shown = {event.prompt for event in run_training(config) if isinstance(event, StepCompleted)}
    assert shown <= {picture.prompts[0].text for picture in preview.pictures}


def test_nothing_is_trained_and_nothing_written(config: TrainingConfig, paths: Paths) -> None:
    before = (paths.embeddings_dir / "zq.pt").read_bytes()
    preview_dataset(config, paths)
    assert (paths.embeddings_dir / "zq.pt").read_bytes() == before
    assert [path for path in paths.log_dir.rglob("*") if path.is_file()] == []


def test_prompts_that_vary_are_shown_by_examples(config: TrainingConfig, paths: Paths) -> None:
    config = replace_fields(
        config, {"caption_prefix": "{old|new}", "wildcards": True, "template_line": "each time"}
    )
    preview = preview_dataset(config, paths)
    assert preview.varies
    texts = [prompt.text for prompt in preview.pictures[0].prompts]
    assert 1 < len(set(texts)) == len(texts) <= 3
    assert all("{" not in text and "zq" in text for text in texts)
    assert [[p.text for p in picture.prompts] for picture in preview_dataset(config, paths).pictures] == [
        [p.text for p in picture.prompts] for picture in preview.pictures
    ]


def test_the_library_s_embeddings_in_a_caption_are_seen(
    config: TrainingConfig, paths: Paths, pictures: Path
) -> None:
    write_embedding(
        Embedding(name="xw", vectors={"clip_l": torch.ones(2, 32)}), paths.embeddings_dir / "xw.safetensors"
    )
    write_embedding(
        Embedding(name="yv", vectors={"clip_l": torch.ones(1, 768)}), paths.embeddings_dir / "yv.safetensors"
    )
    for path in pictures.glob("*.png"):
        path.with_suffix(".txt").write_text("zq by xw and yv", encoding="utf-8")
    preview = preview_dataset(replace_fields(config, {"token_string": "no"}), paths)
    names = {name for picture in preview.pictures for p in picture.prompts for name in p.names}
    assert names <= {"zq", "xw"}
    assert "xw" in preview.placeholder_ids["clip_l"]


def test_a_name_glued_to_another_word_is_found(config: TrainingConfig, paths: Paths, template: Path) -> None:
    template.write_text("a photo of x[name]x", encoding="utf-8")
    preview = preview_dataset(config, paths)
    assert len(preview.unshown) == 5
    with pytest.raises(DatasetError):
        preview_dataset(replace_fields(config, {"data_dir": "nowhere"}), paths)


def test_an_embedding_for_another_kind_of_model_is_refused_as_in_training(
    config: TrainingConfig, paths: Paths
) -> None:
    write_embedding(
        Embedding(name="yv", vectors={"clip_l": torch.ones(1, 768)}), paths.embeddings_dir / "yv.pt"
    )
    with pytest.raises(EmbeddingFileError, match=r"'yv' has vectors of width 768 .*needs 32"):
        preview_dataset(replace_fields(config, {"embedding_name": "yv"}), paths)


def test_sizes_are_the_model_s_own_unless_given(config: TrainingConfig, paths: Paths) -> None:
    assert {picture.size for picture in preview_dataset(config, paths).pictures} == {(64, 64)}
    wide = replace_fields(config, {"width": 128})
    assert {picture.size for picture in preview_dataset(wide, paths).pictures} == {(128, 64)}


def test_repeats_buckets_and_masks_are_told(
    config: TrainingConfig, paths: Paths, pictures: Path, tmp_path: Path
) -> None:
    own = tmp_path / "several" / "3_tall"
    own.mkdir(parents=True)
    Image.new("RGB", (64, 128), "red").save(own / "tall.png")
    Image.new("L", (64, 128), 255).save(own / "tall-masklabel.png")
    fields = {
        "data_dir": str(own.parent),
        "folder_repeats": True,
        "resize_mode": "buckets",
        "bucket_step": 8,
        "loss_mask": "files",
    }
    (picture,) = preview_dataset(replace_fields(config, fields), paths).pictures
    width, height = picture.size
    assert height > width and picture.repeats == 3
    assert picture.image.mask_path == own / "tall-masklabel.png"


def test_a_picture_of_several_resolutions_is_told_at_each(config: TrainingConfig, paths: Paths) -> None:
    fields = {"resolutions": "64, 128", "resize_mode": "buckets", "bucket_step": 64}
    pictures = preview_dataset(replace_fields(config, fields), paths).pictures
    assert len(pictures) == 10
    assert {picture.size for picture in pictures} >= {(64, 64), (128, 128)}


def test_each_of_two_text_encoders_has_its_tokens(
    config: TrainingConfig, paths: Paths, tiny_families: Any
) -> None:
    model: Model = tiny_families.model("sdxl")
    folder = tiny_families.folder("sdxl")
    create_embedding(CreateConfig(name="xl", num_vectors=2), model=model, paths=paths)
    preview = preview_dataset(replace_fields(config, {"embedding_name": "xl", "model": str(folder)}), paths)
    chunks = preview.pictures[0].prompts[0].chunks
    assert list(chunks) == ["clip_l", "clip_g"] == list(preview.placeholder_ids)
    assert chunks["clip_l"] == chunks["clip_g"]
