"""Schedules over SD1's noise levels."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from traintab.configs.samplers import AUTOMATIC, SCHEDULE_TYPES
from traintab.sampling.noise_levels import NoiseLevels, space

KINDS = [kind for kind in SCHEDULE_TYPES if kind != AUTOMATIC]
LARGEST, SMALLEST = 14.6146, 0.0292


@pytest.fixture
def levels() -> NoiseLevels:
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    return NoiseLevels(torch.cumprod(1 - betas, dim=0))


def test_sd1_s_levels_are_those_that_k_diffusion_knows(levels: NoiseLevels) -> None:
    assert (levels.sigmas[-1], levels.sigmas[0]) == pytest.approx((LARGEST, SMALLEST), abs=1e-4)
    assert levels.last_timestep == 999


@pytest.mark.parametrize("steps", [1, 2, 7, 20])
@pytest.mark.parametrize("kind", KINDS)
def test_levels_fall_from_pure_noise_to_the_picture(kind: str, steps: int, levels: NoiseLevels) -> None:
    spacing = space(kind, levels, steps)

    assert (len(spacing.timesteps), len(spacing.sigmas)) == (steps, steps + 1)
    assert spacing.sigmas[0].item() == pytest.approx(LARGEST, abs=1e-4)
    assert spacing.timesteps[0].item() == pytest.approx(999)
    assert spacing.sigmas[-1] == 0
    assert bool((spacing.sigmas.diff() < 0).all())
    assert (spacing.timesteps.dtype, spacing.sigmas.dtype) == (torch.float32, torch.float32)


@pytest.mark.parametrize("kind", ["Uniform", "Normal", "Karras", "Exponential"])
def test_these_reach_the_smallest_level_before_the_picture(kind: str, levels: NoiseLevels) -> None:
    assert space(kind, levels, 10).sigmas[-2].item() == pytest.approx(SMALLEST, abs=1e-4)


def test_karras_is_even_in_seventh_roots(levels: NoiseLevels) -> None:
    roots = space("Karras", levels, 9).sigmas[:-1].double() ** (1 / 7)

    assert roots.diff().tolist() == pytest.approx([roots.diff()[0].item()] * 8, rel=1e-3)


def test_exponential_is_even_in_logarithms(levels: NoiseLevels) -> None:
    logarithms = [math.log(sigma) for sigma in space("Exponential", levels, 5).sigmas[:-1].tolist()]

    steps = [later - earlier for earlier, later in pairwise(logarithms)]
    assert steps == pytest.approx([(math.log(SMALLEST) - math.log(LARGEST)) / 4] * 4, rel=1e-3)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Uniform", [999, 666, 333, 0]),
        ("Normal", [999, 666, 333, 0]),
        ("SGM Uniform", [999, 749.25, 499.5, 249.75]),
        ("Simple", [999, 749, 499, 249]),
    ],
)
def test_the_others_are_even_in_timesteps(kind: str, expected: list[float], levels: NoiseLevels) -> None:
    assert space(kind, levels, 4).timesteps.tolist() == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("timestep", [0.0, 0.5, 17.25, 998.0, 999.0])
def test_timesteps_and_sigmas_belong_together(timestep: float, levels: NoiseLevels) -> None:
    sigma = levels.sigmas_at(torch.tensor([timestep]).double().numpy())

    assert levels.timesteps_of(sigma)[0] == pytest.approx(timestep, abs=0.1)


def test_no_signal_at_all_has_a_finite_level() -> None:
    levels = NoiseLevels(torch.tensor([0.99, 0.5, 0.0]))

    assert levels.sigmas[-1] == pytest.approx(4096, rel=1e-3)


def test_steps_can_be_passed_over(levels: NoiseLevels) -> None:
    whole = space("Karras", levels, 6)

    rest = whole.from_step(4)

    assert torch.equal(rest.timesteps, whole.timesteps[4:])
    assert torch.equal(rest.sigmas, whole.sigmas[4:])
