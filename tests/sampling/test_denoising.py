from __future__ import annotations

import pytest
import torch

from traintab.models.model import Model
from traintab.sampling.denoising import Guidance, denoise, initial_noise
from traintab.sampling.samplers import SAMPLERS, make_scheduler


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def run(model: Model, sampler: str, seeds: tuple[int, ...], guidance: Guidance) -> torch.Tensor:
    scheduler, own = make_scheduler(sampler, model), generators(*seeds)
    scheduler.set_timesteps(4)
    *_, latents = denoise(model, scheduler, initial_noise(model, 64, 64, own), guidance, own)
    return latents


def embeds(batch: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(1, 77, 32, generator=torch.Generator().manual_seed(seed)).repeat(batch, 1, 1)


def test_noise_has_eight_pixels_to_a_cell(tiny_model: Model) -> None:
    assert initial_noise(tiny_model, 128, 64, generators(1, 2)).shape == (2, 4, 8, 16)


def test_a_seed_s_noise_does_not_depend_on_its_place_in_a_batch(tiny_model: Model) -> None:
    batch = initial_noise(tiny_model, 64, 64, generators(1, 2))

    assert torch.equal(batch[1:], initial_noise(tiny_model, 64, 64, generators(2)))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_seed_in_a_batch_draws_what_it_draws_alone(sampler: str, tiny_model: Model) -> None:
    batch = run(tiny_model, sampler, (1, 2), Guidance(prompt_embeds=embeds(2)))

    alone = run(tiny_model, sampler, (2,), Guidance(prompt_embeds=embeds(1)))

    assert torch.allclose(batch[1:], alone, atol=1e-3)


def test_guidance_is_a_line_through_both_predictions(tiny_model: Model) -> None:
    latents, timestep = torch.randn(1, 4, 8, 8), torch.tensor(500)
    prompt, negative = embeds(1, 1), embeds(1, 2)

    guided = Guidance(prompt_embeds=prompt, negative_prompt_embeds=negative, scale=3.0).predict(
        tiny_model, latents, timestep
    )

    with_prompt = tiny_model.predict(latents, timestep, prompt)
    without = tiny_model.predict(latents, timestep, negative)
    assert torch.allclose(guided, without + 3.0 * (with_prompt - without), atol=1e-4)


def test_without_a_negative_prompt_the_unet_runs_on_one_picture(tiny_model: Model) -> None:
    latents, timestep = torch.randn(1, 4, 8, 8), torch.tensor(500)

    plain = Guidance(prompt_embeds=embeds(1), scale=9.0).predict(tiny_model, latents, timestep)

    assert torch.equal(plain, tiny_model.predict(latents, timestep, embeds(1)))


def test_nothing_is_computed_before_it_is_asked_for(tiny_model: Model) -> None:
    scheduler, own = make_scheduler("Euler", tiny_model), generators(1)
    scheduler.set_timesteps(4)
    steps = denoise(tiny_model, scheduler, torch.zeros(1, 4, 8, 8), Guidance(prompt_embeds=embeds(1)), own)

    assert len(list(steps)) == 4
