"""Every family of models draws what diffusers' own pipeline draws, and takes a name for a word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.sampling.txt2img import txt2img

PROMPT, NEGATIVE = "a photo of cat, red hat", "blue"


def pixels(model: Any, prompt: str, vectors: dict[str, torch.Tensor] | None = None) -> np.ndarray:
    config = GenerationConfig(
        prompt=prompt,
        negative_prompt=NEGATIVE,
        num_inference_steps=3,
        guidance_scale=4.0,
        seed=3,
        sampler="Euler",
        width=64,
        height=64,
    )
    embeddings = {"zq": Embedding(name="zq", vectors=vectors)} if vectors else {}
    (drawn,) = txt2img(model, config, embeddings)
    return np.asarray(drawn.image).astype(int)


def their_pixels(folder: Any, class_name: str, **settings: Any) -> np.ndarray:
    import diffusers

    pipeline = getattr(diffusers, class_name).from_pretrained(folder, local_files_only=True)
    pipeline.scheduler = diffusers.EulerDiscreteScheduler.from_config(
        pipeline.scheduler.config, timestep_spacing="linspace"
    )
    pipeline.set_progress_bar_config(disable=True)
    (image,) = pipeline(
        PROMPT,
        negative_prompt=NEGATIVE,
        num_inference_steps=3,
        guidance_scale=4.0,
        generator=torch.Generator().manual_seed(3),
        width=64,
        height=64,
        **settings,
    ).images
    return np.asarray(image).astype(int)


@pytest.mark.parametrize(
    ("family", "class_name"),
    [
        ("sd1", "StableDiffusionPipeline"),
        ("sd2", "StableDiffusionPipeline"),
        ("sdxl", "StableDiffusionXLPipeline"),
    ],
)
def test_the_picture_is_diffusers_own(tiny_families: Any, family: str, class_name: str) -> None:
    ours = pixels(tiny_families.model(family), PROMPT)

    assert abs(ours - their_pixels(tiny_families.folder(family), class_name)).max() <= 1


def test_an_inpainting_model_paints_the_whole_picture(
    tiny_families: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import StableDiffusionInpaintPipeline
    from PIL import Image

    model = tiny_families.model("sd1-inpainting")

    # diffusers draws the grey picture's latents at random; ours are their mean, the same for every seed.
    def encode_mean(_self: Any, image: torch.Tensor, generator: Any) -> torch.Tensor:
        mean: torch.Tensor = model.encode_images(image.contiguous())[0]
        return mean

    monkeypatch.setattr(StableDiffusionInpaintPipeline, "_encode_vae_image", encode_mean)

    ours = pixels(model, PROMPT)

    whole = {"image": Image.new("RGB", (64, 64), (128,) * 3), "mask_image": Image.new("L", (64, 64), 255)}
    folder = tiny_families.folder("sd1-inpainting")
    theirs = their_pixels(folder, "StableDiffusionInpaintPipeline", strength=1.0, **whole)
    assert abs(ours - theirs).max() <= 1


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl", "sd1-inpainting"])
def test_a_name_with_the_vectors_of_a_word_draws_that_word_bit_for_bit(
    tiny_families: Any, family: str
) -> None:
    model = tiny_families.model(family)
    vectors = {encoder.name: encoder.token_vectors("cat") for encoder in model.text_encoders}

    drawn = pixels(model, PROMPT.replace("cat", "zq"), vectors)

    assert np.array_equal(drawn, pixels(model, PROMPT))
    assert not np.array_equal(drawn, pixels(model, PROMPT.replace("cat", "girl")))


@pytest.mark.parametrize("encoder", ["clip_l", "clip_g"])
def test_each_of_sdxl_s_vectors_changes_the_picture(tiny_families: Any, encoder: str) -> None:
    model = tiny_families.model("sdxl")
    vectors = {e.name: e.token_vectors("cat") for e in model.text_encoders}

    changed = pixels(model, "zq", {**vectors, encoder: vectors[encoder].flip(1) * 20})

    assert not np.array_equal(changed, pixels(model, "zq", vectors))


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_a_prompt_of_several_chunks_is_drawn(tiny_families: Any, family: str) -> None:
    model = tiny_families.model(family)

    assert not np.array_equal(pixels(model, "cat " * 100), pixels(model, "cat " * 60))
