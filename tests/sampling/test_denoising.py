from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
import torch

from traintab.models.diffusers_adapter import make_sampler
from traintab.models.model import Model
from traintab.sampling.denoising import Denoised, denoise, initial_noise, predicted_clean
from traintab.sampling.samplers import SAMPLERS, make_sampling

from .conftest import fixed_guidance


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def run(model: Model, sampler: str, seeds: tuple[int, ...], steps: int = 4) -> list[Denoised]:
    own, sampling = generators(*seeds), make_sampling(sampler, model, steps)
    latents = sampling.start(initial_noise(model, 64, 64, own))
    return list(denoise(model, sampling, latents, fixed_guidance(), own))


def finished(done: list[Denoised]) -> torch.Tensor:
    latents = done[-1].latents
    assert latents is not None
    return latents


def with_prediction_type(model: Model, prediction_type: str) -> Model:
    options = {"prediction_type": prediction_type}
    scheduler = make_sampler("DDPMScheduler", model.noise_scheduler.config, options)
    return dataclasses.replace(model, noise_scheduler=scheduler)


def knowing(
    model: Model, clean: torch.Tensor, monkeypatch: pytest.MonkeyPatch, prediction_type: str
) -> Model:
    """A model whose UNet always sees the same clean latents, and says so in its own terms."""

    def predict(self: Model, latents: torch.Tensor, timestep: torch.Tensor, *_: object) -> torch.Tensor:
        alphas = self.noise_scheduler.alphas_cumprod.double()
        sigmas = ((1 - alphas) / alphas).sqrt().log()
        below = int(timestep)
        above, part = min(below + 1, 999), float(timestep) - below
        sigma = float((sigmas[below] * (1 - part) + sigmas[above] * part).exp())
        signal, noise = 1 / (1 + sigma**2) ** 0.5, sigma / (1 + sigma**2) ** 0.5
        epsilon = (latents - signal * clean) / noise
        return epsilon if prediction_type == "epsilon" else signal * epsilon - noise * clean

    monkeypatch.setattr(Model, "predict", predict)
    return with_prediction_type(model, prediction_type)


def test_noise_has_eight_pixels_to_a_cell(tiny_model: Model) -> None:
    assert initial_noise(tiny_model, 128, 64, generators(1, 2)).shape == (2, 4, 8, 16)


def test_a_seed_s_noise_does_not_depend_on_its_place_in_a_batch(tiny_model: Model) -> None:
    batch = initial_noise(tiny_model, 64, 64, generators(1, 2))

    assert torch.equal(batch[1:], initial_noise(tiny_model, 64, 64, generators(2)))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_seed_in_a_batch_draws_what_it_draws_alone(sampler: str, tiny_model: Model) -> None:
    batch = finished(run(tiny_model, sampler, (1, 2)))

    assert torch.allclose(batch[1:], finished(run(tiny_model, sampler, (2,))), atol=1e-3)


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_unet_that_knows_the_picture_is_believed(
    sampler: str, prediction_type: str, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(9))
    model = knowing(tiny_model, clean, monkeypatch, prediction_type)

    # DDIM's last level isn't 0 but the first timestep's: a little of the noise is left.
    tolerance = 0.15 if sampler == "DDIM" else 0.06
    assert torch.allclose(finished(run(model, sampler, (1,), steps=20)), clean, atol=tolerance)


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction"])
def test_the_picture_can_be_guessed_at_each_step(
    prediction_type: str, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(9))
    model = knowing(tiny_model, clean, monkeypatch, prediction_type)

    guesses = [predicted_clean(model, denoised) for denoised in run(model, "DPM++ 2M", (1,))]

    assert len(guesses) == 4
    assert all(torch.allclose(guess, clean, atol=1e-2) for guess in guesses)


def test_the_last_guess_is_the_picture(tiny_model: Model) -> None:
    last = run(tiny_model, "Euler", (1,))[-1]

    assert predicted_clean(tiny_model, last) is last.latents


@pytest.mark.parametrize(
    ("sampler", "counted"), [("Euler", [1, 2, 3, 4]), ("Heun", [0, 1, 1, 2, 2, 3, 4]), ("LCM", [1, 2, 3, 4])]
)
def test_steps_are_counted_when_they_are_complete(
    sampler: str, counted: list[int], tiny_model: Model
) -> None:
    done = run(tiny_model, sampler, (1,))

    assert [denoised.steps_done for denoised in done] == counted
    assert [denoised.latents is None for denoised in done] == [True] * (len(done) - 1) + [False]


def test_nothing_is_computed_before_it_is_asked_for(
    tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    original: Callable[..., torch.Tensor] = Model.predict
    monkeypatch.setattr(Model, "predict", lambda *given: calls.append(1) or original(*given))
    sampling = make_sampling("Euler", tiny_model, 4)

    steps = denoise(tiny_model, sampling, torch.zeros(1, 4, 8, 8), fixed_guidance(), generators(1))

    assert calls == []
    next(steps)
    assert calls == [1]


def test_gradients_are_left_as_they_were_between_two_steps(tiny_model: Model) -> None:
    sampling = make_sampling("Heun", tiny_model, 2)
    steps = denoise(tiny_model, sampling, torch.zeros(1, 4, 8, 8), fixed_guidance(), generators(1))

    assert [torch.is_grad_enabled() for _ in steps] == [True] * 3
