"""The shipped model: a standard diffusers folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors import safe_open

from traintab.paths import PACKAGE_DIR

MODEL = PACKAGE_DIR / "demo" / "model"
JUDGE = PACKAGE_DIR / "demo" / "judge"
WEIGHTS = sorted(path.relative_to(MODEL).as_posix() for path in MODEL.rglob("*.safetensors"))


@pytest.fixture(scope="module")
def pipeline() -> StableDiffusionPipeline:
    loaded: StableDiffusionPipeline = StableDiffusionPipeline.from_pretrained(str(MODEL))
    loaded.set_progress_bar_config(disable=True)
    return loaded


def test_model_and_judge_are_at_most_30_megabytes() -> None:
    files = [path for folder in (MODEL, JUDGE) for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 30_000_000


def test_it_draws_a_picture_of_128_pixels(pipeline: StableDiffusionPipeline) -> None:
    generator = torch.Generator().manual_seed(0)
    image = pipeline("a photo of a girl", num_inference_steps=2, generator=generator).images[0]
    assert image.size == (128, 128)


def test_it_predicts_velocity(pipeline: StableDiffusionPipeline) -> None:
    assert pipeline.scheduler.config.prediction_type == "v_prediction"


def test_prompts_take_77_places(pipeline: StableDiffusionPipeline) -> None:
    assert pipeline.tokenizer.model_max_length == 77
    assert pipeline.text_encoder.config.max_position_embeddings == 77
    assert pipeline.text_encoder.config.vocab_size == len(pipeline.tokenizer)


def test_the_weights_are_in_half_precision() -> None:
    assert len(WEIGHTS) == 3
    for name in WEIGHTS:
        with safe_open(MODEL / name, "pt") as file:
            keys = file.keys()
            assert {file.get_tensor(key).dtype for key in keys} == {torch.float16}


def test_the_text_encoders_tensors_have_the_prefix_that_transformers_4_needs() -> None:
    with safe_open(MODEL / "text_encoder" / "model.safetensors", "pt") as file:
        keys = file.keys()
        assert all(key.startswith("text_model.") for key in keys)


def test_no_weight_is_missing_or_left_over() -> None:
    from transformers import CLIPTextModel

    _, info = CLIPTextModel.from_pretrained(str(MODEL / "text_encoder"), output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]


def test_the_tokenizer_has_the_files_of_every_version() -> None:
    names = {path.name for path in (MODEL / "tokenizer").iterdir()}
    assert {"vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"} <= names


def test_the_folder_says_which_classes_it_holds() -> None:
    index = json.loads((MODEL / "model_index.json").read_text(encoding="utf-8"))
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert index["tokenizer"] == ["transformers", "CLIPTokenizer"]
    assert index["text_encoder"] == ["transformers", "CLIPTextModel"]


def test_no_path_of_the_machine_it_was_made_on_is_left() -> None:
    for path in MODEL.rglob("*.json"):
        assert "_name_or_path" not in path.read_text(encoding="utf-8"), Path(path).name
