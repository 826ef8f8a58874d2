"""Pictures become latents once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

import pytest
import torch

from traintab.datasets.latent_cache import vae_fingerprint
from traintab.datasets.latents import CachedLatents, encode_latents
from traintab.datasets.report import DatasetImage, scan
from traintab.errors import DatasetError, NonFiniteError
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.prompts.captions import CaptionRules

PictureMaker = Callable[..., Path]
Result = TypeVar("Result")


@pytest.fixture(scope="module")
def model(tiny_model_dir: Path) -> Model:
    return load_model(str(tiny_model_dir), Paths.under(tiny_model_dir), device="cpu")


@pytest.fixture
def images(make_picture: PictureMaker) -> tuple[DatasetImage, ...]:
    folder = make_picture("a.png", "red").parent
    make_picture("b.png", "blue", size=(128, 64))
    make_picture("c.png", "green", size=(64, 96))
    return scan(folder, CaptionRules()).images


def result_of(generator: Generator[int, None, Result]) -> tuple[list[int], Result]:
    yielded = []
    while True:
        try:
            yielded.append(next(generator))
        except StopIteration as stop:
            return yielded, stop.value


def encode(images: tuple[DatasetImage, ...], model: Model, cache: Path) -> tuple[list[int], CachedLatents]:
    return result_of(encode_latents(images, model, width=64, height=64, cache_dir=cache))


def test_latents_have_a_mean_and_a_deviation_for_every_picture(
    images: tuple[DatasetImage, ...], model: Model, tmp_path: Path
) -> None:
    done, latents = encode(images, model, tmp_path)
    assert latents.mean.shape == latents.std.shape == (3, 4, 8, 8)
    assert bool((latents.std > 0).all())
    assert done == [0, 3]


def test_the_second_time_nothing_is_encoded(
    images: tuple[DatasetImage, ...], model: Model, tmp_path: Path
) -> None:
    _, first = encode(images, model, tmp_path)
    done, second = encode(images, dataclasses.replace(model, unet=torch.nn.Identity()), tmp_path)
    assert done == [3]
    assert torch.equal(first.mean, second.mean)
    assert torch.equal(first.std, second.std)


def test_a_renamed_picture_is_found_by_its_content(
    images: tuple[DatasetImage, ...], model: Model, tmp_path: Path
) -> None:
    encode(images, model, tmp_path)
    renamed = dataclasses.replace(images[0], path=Path("gone.png"))
    done, _ = encode((renamed,), model, tmp_path)
    assert done == [1]


def test_a_torn_cache_file_is_encoded_again(
    images: tuple[DatasetImage, ...], model: Model, tmp_path: Path
) -> None:
    _, first = encode(images, model, tmp_path)
    cached = sorted(tmp_path.rglob("*.safetensors"))
    assert len(cached) == 3
    cached[0].write_bytes(cached[0].read_bytes()[:50])
    done, second = encode(images, model, tmp_path)
    assert done == [2, 3]
    torch.testing.assert_close(first.mean, second.mean)
    assert encode(images, model, tmp_path)[0] == [3]


def test_another_size_is_encoded_anew(images: tuple[DatasetImage, ...], model: Model, tmp_path: Path) -> None:
    encode(images, model, tmp_path)
    done, latents = result_of(encode_latents(images, model, width=64, height=128, cache_dir=tmp_path))
    assert done[0] == 0
    assert latents.mean.shape == (3, 4, 16, 8)


def test_another_vae_has_another_fingerprint(model: Model, tiny_model_dir: Path) -> None:
    other = load_model(str(tiny_model_dir), Paths.under(tiny_model_dir), device="cpu")
    assert vae_fingerprint(other) == vae_fingerprint(model)
    next(other.vae.parameters())[0, 0, 0, 0] += 1e-3
    assert vae_fingerprint(other) != vae_fingerprint(model)


def test_a_vae_that_overflows_is_told_with_the_pictures(
    images: tuple[DatasetImage, ...], tiny_model_dir: Path, tmp_path: Path
) -> None:
    broken = load_model(str(tiny_model_dir), Paths.under(tiny_model_dir), device="cpu")
    next(broken.vae.parameters())[:] = float("nan")
    with pytest.raises(NonFiniteError, match=r"a\.png, b\.png, c\.png"):
        encode(images, broken, tmp_path)


def test_a_picture_that_went_away_after_the_scan_is_told(
    images: tuple[DatasetImage, ...], model: Model, tmp_path: Path
) -> None:
    images[0].path.unlink()
    with pytest.raises(DatasetError, match="can't be read any more"):
        encode(images, model, tmp_path)


def test_one_sample_a_picture_depends_on_nothing_but_its_seed() -> None:
    latents = CachedLatents(mean=torch.zeros(2, 4, 2, 2), std=torch.ones(2, 4, 2, 2))
    both = latents.sampled_once(["x", "y"])
    alone = CachedLatents(mean=latents.mean[:1], std=latents.std[:1]).sampled_once(["y"])
    assert torch.equal(both.mean[1], alone.mean[0])
    assert not torch.equal(both.mean[0], both.mean[1])
    assert both.std.abs().max() == 0
