from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig
from traintab.errors import ConfigError, MemoryShortageError
from traintab.models.model import Model
from traintab.sampling.img2img import img2img, size_for
from traintab.sampling.samplers import SAMPLERS
from traintab.sampling.txt2img import GeneratedImage


def config(**settings: Any) -> GenerationConfig:
    return GenerationConfig(**{"prompt": "a red hat", "seed": 1, "num_inference_steps": 4, **settings})


@pytest.fixture
def picture() -> Image.Image:
    return Image.linear_gradient("L").convert("RGB").resize((64, 64))


def pixels(generated: GeneratedImage) -> np.ndarray:
    return np.asarray(generated.image).astype(int)


def decoded(model: Model, picture: Image.Image) -> np.ndarray:
    """What is left of a picture when the VAE alone encodes and decodes it."""
    levels = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None] / 127.5 - 1
    seen = model.decode_latents(model.encode_images(levels)[0])
    return ((seen[0].permute(1, 2, 0) / 2 + 0.5) * 255).round().numpy()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_less_strength_the_nearer_to_the_picture(
    sampler: str, tiny_model: Model, picture: Image.Image
) -> None:
    original = decoded(tiny_model, picture)

    distances = [
        np.abs(pixels(img2img(tiny_model, wanted, picture, {})[0]) - original).mean()
        for wanted in (config(sampler=sampler, denoising_strength=strength) for strength in (0.0, 1.0))
    ]

    assert distances[0] < distances[1]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_member_of_a_batch_is_the_picture_drawn_alone(
    sampler: str, tiny_model: Model, picture: Image.Image
) -> None:
    batch = img2img(tiny_model, config(sampler=sampler, batch_size=2), picture, {})

    (alone,) = img2img(tiny_model, config(sampler=sampler, seed=2), picture, {})
    assert np.abs(pixels(batch[1]) - pixels(alone)).max() <= 1


@pytest.mark.parametrize(("strength", "steps"), [(0.0, 1), (0.5, 6), (1.0, 10)])
def test_the_strength_is_the_share_of_the_steps_and_one_more(
    strength: float, steps: int, tiny_model: Model, picture: Image.Image
) -> None:
    calls: list[tuple[int, int]] = []
    wanted = config(num_inference_steps=10, denoising_strength=strength, sampler="DDIM")

    img2img(tiny_model, wanted, picture, {}, on_step=lambda *call: calls.append(call))

    assert calls == [(done, steps) for done in range(1, steps + 1)]


def test_the_prompt_the_seed_and_the_picture_matter(tiny_model: Model, picture: Image.Image) -> None:
    first = pixels(img2img(tiny_model, config(), picture, {})[0])

    for other in (
        img2img(tiny_model, config(prompt="a blue cat"), picture, {}),
        img2img(tiny_model, config(seed=2), picture, {}),
        img2img(tiny_model, config(), picture.transpose(Image.Transpose.ROTATE_90), {}),
    ):
        assert not np.array_equal(first, pixels(other[0]))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1"])
def test_every_kind_of_picture_is_taken(mode: str, tiny_model: Model, picture: Image.Image) -> None:
    (drawn,) = img2img(tiny_model, config(num_inference_steps=1), picture.convert(mode), {})

    assert drawn.image.mode == "RGB"


@pytest.mark.parametrize(
    ("size", "given", "expected"),
    [
        ((64, 64), {}, (64, 64)),
        ((4000, 4000), {}, (64, 64)),
        ((400, 100), {}, (128, 64)),
        ((300, 400), {"width": 128}, (128, 168)),
        ((300, 400), {"height": 128}, (96, 128)),
        ((300, 400), {"width": 72, "height": 64}, (72, 64)),
        ((1, 5000), {"width": 512}, (512, 2048)),
    ],
)
def test_the_size_is_the_config_s_or_the_model_s_in_the_picture_s_proportions(
    size: tuple[int, int], given: dict[str, int], expected: tuple[int, int], tiny_model: Model
) -> None:
    assert size_for(Image.new("RGB", size), config(**given), tiny_model) == expected


def test_the_picture_is_stretched_to_the_size(tiny_model: Model, picture: Image.Image) -> None:
    (drawn,) = img2img(tiny_model, config(width=128, height=64), picture, {})

    assert drawn.image.size == (128, 64)
    assert "Size: 128x64" in drawn.infotext


def test_a_bad_strength_is_refused(tiny_model: Model, picture: Image.Image) -> None:
    with pytest.raises(ConfigError, match=r"Denoising strength is 1\.5; it must be from 0 to 1"):
        img2img(tiny_model, config(denoising_strength=1.5), picture, {})


def test_too_little_memory_for_the_original_is_told_with_what_to_lower(
    tiny_model: Model, picture: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(*_arguments: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Model, "encode_images", run_out)

    told = "Drawing 128 x 128 pixels ran out of memory.* from 128 x 128 to 88 x 88"
    with pytest.raises(MemoryShortageError, match=told):
        img2img(tiny_model, config(width=128, height=128, batch_size=4), picture, {})


def test_it_is_interrupted_and_skipped_as_txt2img_is(tiny_model: Model, picture: Image.Image) -> None:
    assert img2img(tiny_model, config(), picture, {}, interrupted=lambda: True) == []
    assert img2img(tiny_model, config(count=2), picture, {}, skipped=lambda: True) == []
