"""What the UNet is told is what diffusers' own pipeline would tell it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.conditioning.conditioning import condition
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model


@pytest.fixture
def pipeline(tiny_model_dir: Path) -> Any:
    from diffusers import StableDiffusionPipeline

    return StableDiffusionPipeline.from_pretrained(tiny_model_dir, local_files_only=True, safety_checker=None)


@pytest.mark.parametrize("prompt", ["", "a photo of girl, red hat", "painting of unknown things & 3 cats!"])
def test_plain_prompts(prompt: str, pipeline: Any, tiny_model: Model) -> None:
    expected, negative = pipeline.encode_prompt(prompt, "cpu", 1, True, negative_prompt="blue cat")

    embeds = condition(tiny_model, [prompt, "blue cat"], {}).prompt_embeds

    assert torch.allclose(embeds[:1], expected, atol=1e-6)
    assert torch.allclose(embeds[1:], negative, atol=1e-6)


@pytest.mark.parametrize("num_vectors", [1, 4])
def test_prompts_with_an_embedding(num_vectors: int, pipeline: Any, tiny_model: Model) -> None:
    vectors = torch.randn(num_vectors, 32, generator=torch.Generator().manual_seed(5))
    pipeline.load_textual_inversion({"mycat": vectors}, token="mycat")
    prompt = "a photo of mycat, red hat and mycat"
    expected, _ = pipeline.encode_prompt(prompt, "cpu", 1, False)

    embedding = Embedding(name="mycat", vectors={"clip_l": vectors})

    assert torch.allclose(
        condition(tiny_model, [prompt], {"mycat": embedding}).prompt_embeds, expected, atol=1e-6
    )


@pytest.mark.parametrize("prompt", ["", "a photo of girl, red hat", "zq & 3 cats!"])
def test_sd2_prompts(prompt: str, tiny_families: Any) -> None:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(tiny_families.folder("sd2"), local_files_only=True)
    expected, _ = pipeline.encode_prompt(prompt, "cpu", 1, False)

    assert torch.allclose(
        condition(tiny_families.model("sd2"), [prompt], {}).prompt_embeds, expected, atol=1e-6
    )


@pytest.fixture(scope="session")
def sdxl_pipeline(tiny_families: Any) -> Any:
    from diffusers import StableDiffusionXLPipeline

    return StableDiffusionXLPipeline.from_pretrained(
        tiny_families.folder("sdxl"), local_files_only=True, add_watermarker=False
    )


@pytest.mark.parametrize("prompt", ["", "a photo of girl, red hat", "zq & 3 cats!"])
def test_sdxl_prompts_through_both_text_encoders(prompt: str, sdxl_pipeline: Any, tiny_families: Any) -> None:
    expected, negative, pooled, negative_pooled = sdxl_pipeline.encode_prompt(
        prompt, device="cpu", negative_prompt="blue cat"
    )

    given = condition(tiny_families.model("sdxl"), [prompt, "blue cat"], {})

    assert given.pooled_prompt_embeds is not None
    assert torch.allclose(given.prompt_embeds, torch.cat([expected, negative]), atol=1e-6)
    assert torch.allclose(given.pooled_prompt_embeds, torch.cat([pooled, negative_pooled]), atol=1e-6)


def test_sdxl_prompts_with_an_embedding(sdxl_pipeline: Any, tiny_families: Any) -> None:
    generator = torch.Generator().manual_seed(5)
    vectors = {"clip_l": torch.randn(2, 768, generator=generator) / 10}
    vectors["clip_g"] = torch.randn(2, 1280, generator=generator) / 10
    pipeline = sdxl_pipeline
    first, second = (
        (pipeline.tokenizer, pipeline.text_encoder),
        (
            pipeline.tokenizer_2,
            pipeline.text_encoder_2,
        ),
    )
    for rows, (tokenizer, encoder) in zip(vectors.values(), (first, second), strict=True):
        pipeline.load_textual_inversion(rows, token="mycat", tokenizer=tokenizer, text_encoder=encoder)
    expected, _, pooled, _ = pipeline.encode_prompt("a photo of mycat, red hat", device="cpu")

    embeddings = {"mycat": Embedding(name="mycat", vectors=vectors)}
    given = condition(tiny_families.model("sdxl"), ["a photo of mycat, red hat"], embeddings)

    assert given.pooled_prompt_embeds is not None
    assert torch.allclose(given.prompt_embeds, expected, atol=1e-5)
    assert torch.allclose(given.pooled_prompt_embeds, pooled, atol=1e-5)
