from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import pytest
import torch

from traintab.models.model import Model
from traintab.sampling import latent_preview as module
from traintab.sampling.batches import to_image
from traintab.sampling.latent_preview import preview_image

Family = Literal["sd1", "sd2", "sdxl"]


@pytest.fixture
def large_vae(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the tiny model's VAE for one that is too large to be run for a preview."""
    monkeypatch.setattr(module, "_CHEAP_VAE", 0)

    def refuse(*_: object) -> None:
        raise AssertionError("a preview must not run the VAE")

    monkeypatch.setattr(Model, "decode_latents", refuse)


def latents_of(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 4, 1, 1).expand(1, 4, 8, 8)


def test_a_small_vae_decodes_the_latents_as_they_are(tiny_model: Model) -> None:
    latents = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))

    seen = preview_image(latents, tiny_model)

    assert np.array_equal(np.asarray(seen), np.asarray(to_image(tiny_model.decode_latents(latents))))


@pytest.mark.usefixtures("large_vae")
@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_a_large_vae_is_left_alone(family: Family, tiny_model: Model) -> None:
    seen = preview_image(torch.randn(1, 4, 8, 12), dataclasses.replace(tiny_model, family=family))

    assert (seen.mode, seen.size) == ("RGB", (48, 32))


@pytest.mark.usefixtures("large_vae")
def test_the_first_channel_is_brightness(tiny_model: Model) -> None:
    family: Family
    for family in ("sd1", "sdxl"):
        model = dataclasses.replace(tiny_model, family=family)
        dark, light = (
            np.asarray(preview_image(latents_of(value, 0, 0, 0), model)).mean() for value in (-2.0, 2.0)
        )
        assert dark + 100 < light


@pytest.mark.usefixtures("large_vae")
def test_the_last_channel_goes_from_blue_to_red(tiny_model: Model) -> None:
    red, _, blue = np.asarray(preview_image(latents_of(0, 0, 0, 1.0), tiny_model)).mean(axis=(0, 1))

    assert red > blue


@pytest.mark.parametrize(("count", "size"), [(1, (64, 64)), (2, (128, 64)), (3, (128, 128)), (5, (192, 128))])
def test_pictures_of_a_batch_stand_side_by_side(count: int, size: tuple[int, int], tiny_model: Model) -> None:
    assert preview_image(torch.zeros(count, 4, 8, 8), tiny_model).size == size


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_overflow_are_no_error(value: float, tiny_model: Model) -> None:
    preview_image(torch.full((1, 4, 8, 8), value), tiny_model)


def test_the_latents_are_left_as_they_are(tiny_model: Model) -> None:
    latents = torch.full((1, 4, 8, 8), float("nan"))

    preview_image(latents, tiny_model)

    assert bool(latents.isnan().all())
