"""The solvers on a problem with a known answer: pictures whose every value is normal with deviation 0.5.

There the best guess of the clean value is `x * 0.25 / (0.25 + sigma**2)`, and the exact solution without
fresh noise shrinks `x` to `x * 0.5 / sqrt(0.25 + sigma**2)`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch

from traintab.sampling import solvers
from traintab.sampling.noise_levels import NoiseLevels, space
from traintab.sampling.solvers import Question, Solver

DEVIATION = 0.5
WITHOUT_NOISE = [solvers.euler, solvers.heun, solvers.lms, solvers.dpm2]
WITH_NOISE = [
    solvers.euler_ancestral,
    solvers.dpm2_ancestral,
    solvers.dpm_plus_2s_ancestral,
    solvers.dpm_plus_sde,
]
BETAS = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
LEVELS = NoiseLevels(torch.cumprod(1 - BETAS, dim=0))


def sigmas_of(steps: int) -> torch.Tensor:
    return space("Karras", LEVELS, steps).sigmas.double()


def best_guess(question: Question) -> torch.Tensor:
    return question.latents * DEVIATION**2 / (DEVIATION**2 + question.sigma**2)


def solved(
    solver: Solver,
    x: torch.Tensor,
    sigmas: torch.Tensor,
    *,
    noise: Callable[[], torch.Tensor] | None = None,
    hear: Callable[[Question], None] = lambda _question: None,
) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    draw = noise or (lambda: torch.randn(x.shape, generator=generator, dtype=x.dtype))
    solution = solver(x, sigmas, draw)
    question = next(solution)
    while True:
        hear(question)
        try:
            question = solution.send(best_guess(question))
        except StopIteration as end:
            result: torch.Tensor = end.value
            return result


def relative_error(solver: Solver, steps: int) -> float:
    sigmas = sigmas_of(steps)
    x = torch.ones(1, 1, 1, 1, dtype=torch.float64) * sigmas[0]
    exact = x * DEVIATION / (DEVIATION**2 + sigmas[0] ** 2) ** 0.5
    return float(abs(solved(solver, x, sigmas) / exact - 1))


@pytest.mark.parametrize("solver", WITHOUT_NOISE)
def test_more_steps_come_nearer_to_the_exact_solution(solver: Solver) -> None:
    assert relative_error(solver, 80) < relative_error(solver, 20) / 2
    assert relative_error(solver, 80) < 0.03


@pytest.mark.parametrize("solver", [solvers.heun, solvers.lms, solvers.dpm2])
def test_those_of_higher_order_are_nearer_than_euler(solver: Solver) -> None:
    assert relative_error(solver, 20) < relative_error(solvers.euler, 20) / 3


@pytest.mark.parametrize("solver", WITH_NOISE)
def test_fresh_noise_keeps_the_spread_of_the_pictures(solver: Solver) -> None:
    sigmas = sigmas_of(300)
    x = torch.randn(20_000, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) * sigmas[0]

    drawn = solved(solver, x, sigmas)

    assert float(drawn.std()) == pytest.approx(DEVIATION, rel=0.04)
    assert float(drawn.mean()) == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("solver", WITH_NOISE)
def test_fresh_noise_makes_pictures_differ(solver: Solver) -> None:
    x, sigmas = torch.full((1, 1, 1, 1), 14.6), sigmas_of(5).float()

    noisy, quiet = solved(solver, x, sigmas), solved(solver, x, sigmas, noise=lambda: torch.zeros_like(x))

    assert not torch.allclose(noisy, quiet)


@pytest.mark.parametrize("solver", WITHOUT_NOISE)
def test_the_others_draw_no_noise(solver: Solver) -> None:
    def refuse() -> torch.Tensor:
        raise AssertionError("this sampler must not draw noise")

    solved(solver, torch.ones(1, 1, 1, 1), sigmas_of(4).float(), noise=refuse)


@pytest.mark.parametrize("solver", [*WITHOUT_NOISE, *WITH_NOISE])
def test_one_step_believes_the_first_guess(solver: Solver) -> None:
    x = torch.ones(1, 1, 1, 1)
    sigmas = torch.tensor([2.0, 0.0])

    assert torch.allclose(solved(solver, x, sigmas), best_guess(Question(x, sigmas[0], 0)), atol=1e-6)


@pytest.mark.parametrize("solver", [*WITHOUT_NOISE, *WITH_NOISE])
def test_questions_go_down_and_tell_their_step(solver: Solver) -> None:
    asked: list[Question] = []
    sigmas = sigmas_of(5)

    solved(solver, torch.ones(1, 1, 1, 1, dtype=torch.float64), sigmas, hear=asked.append)

    firsts = [next(question for question in asked if question.step == step) for step in range(5)]
    assert [float(question.sigma) for question in firsts] == sigmas[:-1].tolist()
    assert all(later.sigma < earlier.sigma + 1e-9 for earlier, later in pairwise(asked))


def test_the_noise_of_a_stochastic_step_goes_on_from_that_of_its_first_half() -> None:
    sigmas = torch.tensor([4.0, 1.0, 0.0], dtype=torch.float64)
    nothing = torch.zeros(40_000, dtype=torch.float64)
    generator = torch.Generator().manual_seed(3)
    solution = solvers.dpm_plus_sde(
        nothing, sigmas, lambda: torch.randn(nothing.shape, generator=generator, dtype=nothing.dtype)
    )

    # When the clean value is 0, and so is the start, all that there is is noise of the steps.
    next(solution)
    half_way, whole = solution.send(nothing), solution.send(nothing)

    assert float(half_way.sigma) == 2
    assert float(half_way.latents.var()) == pytest.approx(4 * (16 - 4) / 16, rel=0.03)
    assert float(whole.latents.var()) == pytest.approx(1 * (16 - 1) / 16, rel=0.03)
    # The first half is two thirds of the way on the path of Brownian motion from 4 to 1.
    both = torch.stack([half_way.latents, whole.latents])
    assert float(torch.corrcoef(both)[0, 1]) == pytest.approx((2 / 3) ** 0.5, abs=0.02)
