"""The pictures are those of diffusers' own pipelines with the same noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.models.diffusers_adapter import make_sampler
from traintab.models.model import Model
from traintab.sampling.img2img import img2img
from traintab.sampling.txt2img import txt2img

EVEN, TRAILING = {"timestep_spacing": "linspace"}, {"timestep_spacing": "trailing"}
KARRAS = {**EVEN, "use_karras_sigmas": True}
EXPONENTIAL = {**EVEN, "use_exponential_sigmas": True}
SDE = {"algorithm_type": "sde-dpmsolver++"}
LEADING = {"timestep_spacing": "leading", "steps_offset": 1, "set_alpha_to_one": False, "clip_sample": False}
MULTISTEP = "DPMSolverMultistepScheduler"

# Sampler and schedule type, and what they are in diffusers.
SAME = [
    ("Euler", "Automatic", "EulerDiscreteScheduler", EVEN),
    ("Euler", "Karras", "EulerDiscreteScheduler", KARRAS),
    ("Euler", "Exponential", "EulerDiscreteScheduler", EXPONENTIAL),
    ("Euler", "Simple", "EulerDiscreteScheduler", TRAILING),
    ("Euler a", "Automatic", "EulerAncestralDiscreteScheduler", EVEN),
    ("Euler a", "Simple", "EulerAncestralDiscreteScheduler", TRAILING),
    ("Heun", "Automatic", "HeunDiscreteScheduler", EVEN),
    ("Heun", "Karras", "HeunDiscreteScheduler", KARRAS),
    ("DPM++ 2M", "Automatic", MULTISTEP, EVEN),
    ("DPM++ 2M Karras", "Automatic", MULTISTEP, KARRAS),
    ("DPM++ 2M", "Karras", MULTISTEP, KARRAS),
    ("DPM++ 2M", "SGM Uniform", MULTISTEP, TRAILING),
    ("DPM++ 2M SDE", "Automatic", MULTISTEP, {**EXPONENTIAL, **SDE}),
    ("DPM++ 2M SDE", "Karras", MULTISTEP, {**KARRAS, **SDE}),
    ("UniPC", "Automatic", "UniPCMultistepScheduler", EVEN),
    ("DDIM", "Automatic", "DDIMScheduler", LEADING),
    ("LCM", "Automatic", "LCMScheduler", {"clip_sample": False}),
]


@pytest.fixture
def pipeline(tiny_model_dir: Path) -> Any:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(
        tiny_model_dir, local_files_only=True, safety_checker=None
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def config(**settings: Any) -> GenerationConfig:
    settings = {"prompt": "a photo of girl, red hat", "seed": 3, **settings}
    return GenerationConfig(negative_prompt="blue cat", num_inference_steps=6, guidance_scale=4.0, **settings)


def their_pixels(pipeline: Any, prompt: str, **settings: Any) -> np.ndarray:
    image = pipeline(
        prompt,
        negative_prompt="blue cat",
        num_inference_steps=6,
        guidance_scale=4.0,
        generator=torch.Generator().manual_seed(3),
        **settings,
    ).images[0]
    return np.asarray(image).astype(int)


def our_pixels(drawn: list[Any]) -> np.ndarray:
    return np.asarray(drawn[0].image).astype(int)


@pytest.mark.parametrize(("sampler", "schedule_type", "class_name", "options"), SAME)
def test_each_sampler(
    sampler: str, schedule_type: str, class_name: str, options: Any, pipeline: Any, tiny_model: Model
) -> None:
    pipeline.scheduler = make_sampler(class_name, tiny_model.noise_scheduler.config, options)
    wanted = config(sampler=sampler, schedule_type=schedule_type)

    ours = our_pixels(txt2img(tiny_model, wanted, {}))

    assert np.abs(ours - their_pixels(pipeline, wanted.prompt)).max() <= 1


@pytest.mark.parametrize(
    ("sampler", "class_name", "options"),
    [
        ("Euler", "EulerDiscreteScheduler", EVEN),
        ("Heun", "HeunDiscreteScheduler", EVEN),
        ("DPM++ 2M", MULTISTEP, EVEN),
        ("UniPC", "UniPCMultistepScheduler", EVEN),
        ("DDIM", "DDIMScheduler", LEADING),
    ],
)
def test_drawing_over_a_picture(
    sampler: str, class_name: str, options: Any, pipeline: Any, tiny_model: Model
) -> None:
    from diffusers import StableDiffusionImg2ImgPipeline

    over = StableDiffusionImg2ImgPipeline(**pipeline.components, requires_safety_checker=False)
    over.set_progress_bar_config(disable=True)
    over.scheduler = make_sampler(class_name, tiny_model.noise_scheduler.config, options)
    picture = Image.linear_gradient("L").convert("RGB").resize((64, 64))
    pixels = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None] / 127.5 - 1
    clean, _ = tiny_model.encode_images(pixels)
    wanted = config(sampler=sampler, denoising_strength=0.5)

    ours = our_pixels(img2img(tiny_model, wanted, picture, {}))

    # Half of six steps, and the web UI's one more.
    theirs = their_pixels(over, wanted.prompt, image=clean, strength=4 / 6)
    assert np.abs(ours - theirs).max() <= 1


def test_with_an_embedding(pipeline: Any, tiny_model: Model) -> None:
    vectors = torch.randn(3, 32, generator=torch.Generator().manual_seed(5))
    pipeline.load_textual_inversion({"mycat": vectors}, token="mycat")
    pipeline.scheduler = make_sampler("EulerDiscreteScheduler", tiny_model.noise_scheduler.config, EVEN)
    embedding = Embedding(name="mycat", vectors={"clip_l": vectors})
    wanted = config(prompt="mycat, red hat", sampler="Euler")

    ours = our_pixels(txt2img(tiny_model, wanted, {"mycat": embedding}))

    assert np.abs(ours - their_pixels(pipeline, wanted.prompt)).max() <= 1
