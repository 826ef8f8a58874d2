"""The pictures are those of diffusers' own pipeline with the same scheduler and noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.models.model import Model
from traintab.sampling.samplers import SAMPLERS, make_scheduler
from traintab.sampling.txt2img import txt2img


@pytest.fixture
def pipeline(tiny_model_dir: Path) -> Any:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(
        tiny_model_dir, local_files_only=True, safety_checker=None
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def pipeline_pixels(pipeline: Any, prompt: str, seed: int) -> np.ndarray:
    image = pipeline(
        prompt,
        negative_prompt="blue cat",
        num_inference_steps=6,
        guidance_scale=4.0,
        generator=torch.Generator().manual_seed(seed),
    ).images[0]
    return np.asarray(image).astype(int)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_each_sampler(sampler: str, pipeline: Any, tiny_model: Model) -> None:
    pipeline.scheduler = make_scheduler(sampler, tiny_model)
    config = GenerationConfig(
        prompt="a photo of girl, red hat",
        negative_prompt="blue cat",
        num_inference_steps=6,
        guidance_scale=4.0,
        seed=3,
        sampler=sampler,
    )

    ours = np.asarray(txt2img(tiny_model, config, {})[0].image).astype(int)

    assert np.abs(ours - pipeline_pixels(pipeline, config.prompt, 3)).max() <= 1


def test_with_an_embedding(pipeline: Any, tiny_model: Model) -> None:
    vectors = torch.randn(3, 32, generator=torch.Generator().manual_seed(5))
    pipeline.load_textual_inversion({"mycat": vectors}, token="mycat")
    pipeline.scheduler = make_scheduler("Euler", tiny_model)
    embedding = Embedding(name="mycat", vectors={"clip_l": vectors})
    config = GenerationConfig(
        prompt="mycat, red hat",
        negative_prompt="blue cat",
        num_inference_steps=6,
        guidance_scale=4.0,
        seed=3,
        sampler="Euler",
    )

    ours = np.asarray(txt2img(tiny_model, config, {"mycat": embedding})[0].image).astype(int)

    assert np.abs(ours - pipeline_pixels(pipeline, config.prompt, 3)).max() <= 1
