"""What the UNet is told is what diffusers' own pipeline would tell it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.conditioning.conditioning import prompt_embeds
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model


@pytest.fixture
def pipeline(tiny_model_dir: Path) -> Any:
    from diffusers import StableDiffusionPipeline

    return StableDiffusionPipeline.from_pretrained(tiny_model_dir, local_files_only=True, safety_checker=None)


@pytest.mark.parametrize("prompt", ["", "a photo of girl, red hat", "painting of unknown things & 3 cats!"])
def test_plain_prompts(prompt: str, pipeline: Any, tiny_model: Model) -> None:
    expected, negative = pipeline.encode_prompt(prompt, "cpu", 1, True, negative_prompt="blue cat")

    embeds = prompt_embeds(tiny_model, [prompt, "blue cat"], {})

    assert torch.allclose(embeds[:1], expected, atol=1e-6)
    assert torch.allclose(embeds[1:], negative, atol=1e-6)


@pytest.mark.parametrize("num_vectors", [1, 4])
def test_prompts_with_an_embedding(num_vectors: int, pipeline: Any, tiny_model: Model) -> None:
    vectors = torch.randn(num_vectors, 32, generator=torch.Generator().manual_seed(5))
    pipeline.load_textual_inversion({"mycat": vectors}, token="mycat")
    prompt = "a photo of mycat, red hat and mycat"
    expected, _ = pipeline.encode_prompt(prompt, "cpu", 1, False)

    embedding = Embedding(name="mycat", vectors={"clip_l": vectors})

    assert torch.allclose(prompt_embeds(tiny_model, [prompt], {"mycat": embedding}), expected, atol=1e-6)
