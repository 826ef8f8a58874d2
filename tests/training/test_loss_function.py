"""Losses and weights are those of the papers, written out here by themselves."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from diffusers import DDPMScheduler
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from traintab.models.model import Model
from traintab.training.loss_function import LossFunction
from traintab.training.loss_weights import LossWeights

TIMESTEPS = torch.tensor([0, 20, 400, 999])


def predicting(model: Model, prediction_type: str, *, zero_terminal_snr: bool = False) -> Model:
    scheduler = DDPMScheduler.from_config(
        model.noise_scheduler.config,
        prediction_type=prediction_type,
        rescale_betas_zero_snr=zero_terminal_snr,
    )
    return dataclasses.replace(model, noise_scheduler=scheduler)


def snr_of(model: Model, timestep: int) -> float:
    kept = float(model.noise_scheduler.alphas_cumprod[timestep])
    return kept / (1 - kept)


def prediction_and_target() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    made = torch.randn(2, 4, 4, 6, 6, generator=generator)
    return made[0], made[1] * torch.tensor([0.01, 0.3, 1.0, 30.0]).reshape(4, 1, 1, 1)


def written_out(model: Model, weight_of: dict[int, float], loss_of=lambda error, t: error**2) -> torch.Tensor:
    """Number by number, in double precision."""
    predicted, target = (tensor.double() for tensor in prediction_and_target())
    total = torch.zeros((), dtype=torch.float64)
    for picture, timestep in enumerate(TIMESTEPS.tolist()):
        errors = loss_of((predicted[picture] - target[picture]).abs(), timestep)
        total += weight_of[timestep] * errors.mean()
    return (total / 4).float()


def test_by_default_it_is_the_plain_mean_square_to_the_bit(model: Model) -> None:
    error = LossFunction().error(model, TIMESTEPS)
    assert error is functional.mse_loss


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("gamma", [0.5, 5.0])
def test_min_snr_is_that_of_the_paper(model: Model, prediction_type: str, gamma: float) -> None:
    model = predicting(model, prediction_type)
    weights = {}
    for timestep in TIMESTEPS.tolist():
        snr = snr_of(model, timestep)
        in_the_picture = min(snr, gamma)
        divisor = {"epsilon": snr, "v_prediction": snr + 1, "sample": 1}[prediction_type]
        weights[timestep] = in_the_picture / divisor
    loss = LossFunction(min_snr_gamma=gamma).error(model, TIMESTEPS)(*prediction_and_target())
    torch.testing.assert_close(loss, written_out(model, weights), rtol=1e-5, atol=0)


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction", "sample"])
def test_debiased_weights_are_those_of_the_paper(model: Model, prediction_type: str) -> None:
    model = predicting(model, prediction_type)
    weights = {}
    for timestep in TIMESTEPS.tolist():
        snr = min(snr_of(model, timestep), 1000)
        divisor = {"epsilon": snr, "v_prediction": snr + 1, "sample": 1}[prediction_type]
        weights[timestep] = math.sqrt(snr) / divisor
    loss = LossFunction(debiased=True).error(model, TIMESTEPS)(*prediction_and_target())
    torch.testing.assert_close(loss, written_out(model, weights), rtol=1e-5, atol=0)


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize(
    "function",
    [
        LossFunction(min_snr_gamma=5.0),
        LossFunction(debiased=True),
        LossFunction(loss_type="huber", huber_schedule="snr"),
        LossFunction(loss_type="smooth_l1", huber_schedule="exponential", min_snr_gamma=5.0),
    ],
)
def test_with_zero_terminal_snr_loss_and_gradient_are_finite(
    model: Model, prediction_type: str, function: LossFunction
) -> None:
    model = predicting(model, prediction_type, zero_terminal_snr=True)
    assert float(model.noise_scheduler.alphas_cumprod[999]) < 1e-7
    predicted, target = prediction_and_target()
    predicted[0] = target[0]
    predicted.requires_grad_()
    loss = function.error(model, TIMESTEPS)(predicted, target)
    loss.backward()
    assert bool(loss.isfinite())
    assert predicted.grad is not None
    assert bool(predicted.grad.isfinite().all())


def test_min_snr_of_v_has_nothing_to_say_where_nothing_of_the_picture_is_left(model: Model) -> None:
    model = predicting(model, "v_prediction", zero_terminal_snr=True)
    weights = LossFunction(min_snr_gamma=5.0).timestep_weights(model, TIMESTEPS)
    assert weights is not None
    assert float(weights[-1]) < 1e-7
    assert float(weights[2]) > 0.1


@pytest.mark.parametrize("schedule", ["constant", "snr", "exponential"])
@pytest.mark.parametrize("kind", ["huber", "smooth_l1"])
def test_robust_losses_are_the_paper_s_pseudo_huber(model: Model, kind: str, schedule: str) -> None:
    delta = 0.2

    def loss_of(error: torch.Tensor, timestep: int) -> torch.Tensor:
        scheduled = {
            "constant": delta,
            "exponential": math.exp(math.log(delta) / 1000 * timestep),
            "snr": (1 - delta) / (1 + snr_of(model, timestep) ** -0.5) ** 2 + delta,
        }[schedule]
        pseudo = 2 * (torch.sqrt(error**2 + scheduled**2) - scheduled)
        return scheduled * pseudo if kind == "huber" else pseudo

    function = LossFunction(loss_type=kind, huber_delta=delta, huber_schedule=schedule)
    loss = function.error(model, TIMESTEPS)(*prediction_and_target())
    expected = written_out(model, dict.fromkeys(TIMESTEPS.tolist(), 1.0), loss_of)
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=0)


@given(error=st.floats(-100, 100), delta=st.floats(1e-4, 10))
def test_any_error_counts_no_more_than_its_square_and_pulls_no_harder_than_delta(
    model: Model, error: float, delta: float
) -> None:
    predicted = torch.full((1, 1, 1, 1), error, requires_grad=True)
    function = LossFunction(loss_type="huber", huber_delta=delta)
    loss = function.error(model, TIMESTEPS[:1])(predicted, torch.zeros(1, 1, 1, 1))
    loss.backward()
    assert predicted.grad is not None
    assert 0 <= loss.item() <= error**2 * 1.00001
    assert abs(float(predicted.grad)) <= 2 * delta * 1.00001


@pytest.mark.parametrize("kind", ["mse", "huber"])
def test_weights_of_pictures_places_and_timesteps_multiply(model: Model, kind: str) -> None:
    mask = torch.rand(4, 1, 6, 6, generator=torch.Generator().manual_seed(1))
    own = torch.tensor([1.0, 2.0, 3.0, 4.0])
    function = LossFunction(loss_type=kind, min_snr_gamma=1.0)
    whole = function.error(model, TIMESTEPS, LossWeights(pictures=own, pixels=mask))(*prediction_and_target())
    single = []
    for index, timestep in enumerate(TIMESTEPS):
        parts = [tensor[index : index + 1] for tensor in prediction_and_target()]
        plain = dataclasses.replace(function, min_snr_gamma=0.0)
        error = plain.error(model, timestep[None], LossWeights(pixels=mask[index : index + 1]))
        weight = min(snr_of(model, int(timestep)), 1.0) / snr_of(model, int(timestep))
        single.append(error(*parts) * own[index] * weight)
    torch.testing.assert_close(whole, torch.stack(single).mean(), rtol=1e-5, atol=0)
