from __future__ import annotations

from typing import Any

import pytest
import torch

from traintab.models.inpainting import BlankPicture, inpainting_channels


def test_the_unet_sees_latents_a_mask_of_ones_and_a_grey_picture(tiny_families: Any) -> None:
    model = tiny_families.model("sd1-inpainting")
    latents = torch.randn(2, 4, 8, 4)

    inputs = BlankPicture().append_to(latents, model.encode_images, 8)

    grey = model.encode_images(torch.zeros(1, 3, 64, 32))[0]
    assert inputs.shape == (2, inpainting_channels(4), 8, 4)
    assert torch.equal(inputs[:, :4], latents)
    assert (inputs[:, 4] == 1).all()
    assert torch.equal(inputs[:, 5:], grey.expand(2, -1, -1, -1))


def test_the_grey_picture_is_encoded_once_for_a_size() -> None:
    sizes = []

    def encode(pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        sizes.append(tuple(pixels.shape))
        return torch.zeros(1, 4, pixels.shape[2] // 8, pixels.shape[3] // 8), torch.zeros(1)

    blank = BlankPicture()
    for height in (8, 8, 16, 8, 16):
        blank.append_to(torch.zeros(1, 4, height, 8), encode, 8)
    assert sizes == [(1, 3, 64, 64), (1, 3, 128, 64)]

    for height in range(1, 67):  # more than are kept
        assert blank.append_to(torch.zeros(1, 4, height, 8), encode, 8).shape == (1, 9, height, 8)
    sizes.clear()
    for height in (66, 4, 1):
        blank.append_to(torch.zeros(1, 4, height, 8), encode, 8)
    assert sizes == [(1, 3, 8, 64)]


def test_it_takes_on_the_latents_dtype(tiny_families: Any) -> None:
    model = tiny_families.model("sd1-inpainting")

    inputs = BlankPicture().append_to(torch.zeros(1, 4, 8, 8, dtype=torch.bfloat16), model.encode_images, 8)

    assert inputs.dtype is torch.bfloat16


@pytest.mark.parametrize("name", ["sd1-inpainting", "sdxl-inpainting"])
def test_an_inpainting_model_predicts_as_diffusers_does_with_a_full_mask(
    tiny_families: Any, name: str
) -> None:
    from traintab.models.added_conditions import AddedConditions

    model = tiny_families.model(name)
    latents, embeds = torch.randn(1, 4, 8, 8), torch.randn(1, 77, sum(model.widths.values()))
    pooled = torch.randn(1, 1280)
    grey, mask = model.encode_images(torch.zeros(1, 3, 64, 64))[0], torch.ones(1, 1, 8, 8)
    options = {"text_embeds": pooled, "time_ids": model.time_ids(64, 64)}

    added = AddedConditions(text_embeds=pooled, time_ids=model.time_ids(64, 64))
    with torch.no_grad():
        prediction = model.predict(latents, torch.tensor(500), embeds, added)
        inputs = torch.cat([latents, mask, grey], dim=1)
        expected = model.unet(inputs, 500, embeds, added_cond_kwargs=options).sample

    assert torch.equal(prediction, expected)
