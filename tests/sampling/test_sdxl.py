"""SDXL's UNet is told the size and the whole text of each picture, in batches and joined texts too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from traintab.configs import GenerationConfig
from traintab.models.model import Model
from traintab.sampling.generated import GeneratedImage
from traintab.sampling.img2img import img2img
from traintab.sampling.txt2img import txt2img


@pytest.fixture
def sdxl(tiny_families: Any) -> Model:
    model: Model = tiny_families.model("sdxl")
    return model


def config(**settings: Any) -> GenerationConfig:
    fixed = {"num_inference_steps": 2, "seed": 1, "width": 64, "height": 64, "sampler": "Euler a"}
    return GenerationConfig(**{"prompt": "red cat", **fixed, **settings})


def pixels(generated: GeneratedImage) -> np.ndarray:
    return np.asarray(generated.image).astype(int)


def test_a_member_of_a_batch_is_the_picture_drawn_alone(sdxl: Model) -> None:
    joined = "red cat AND [blue:red:0.5] hat :0.5"

    batch = txt2img(sdxl, config(prompt=joined, num_inference_steps=3, batch_size=2), {})

    (alone,) = txt2img(sdxl, config(prompt=joined, num_inference_steps=3, seed=2), {})
    assert np.abs(pixels(batch[1]) - pixels(alone)).max() <= 1


def test_a_picture_is_drawn_over(sdxl: Model) -> None:
    picture = Image.linear_gradient("L").resize((64, 64))

    batch = img2img(sdxl, config(denoising_strength=0.6, batch_size=2), picture, {})

    (alone,) = img2img(sdxl, config(denoising_strength=0.6, seed=2), picture, {})
    assert np.abs(pixels(batch[1]) - pixels(alone)).max() <= 1


def test_the_size_is_told(sdxl: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    original = Model.time_ids

    def listen(self: Model, width: int, height: int) -> Any:
        told.append((width, height))
        return original(self, width, height)

    monkeypatch.setattr(Model, "time_ids", listen)

    txt2img(sdxl, config(width=128, num_inference_steps=1), {})

    assert told == [(128, 64)]
