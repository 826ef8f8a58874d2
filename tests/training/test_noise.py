"""The noise that pictures are shown with."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from traintab.datasets.seeds import seeded_generator
from traintab.training.noise import NoiseSampling

SIZE = torch.Size((3, 4, 12, 20))


def test_by_default_it_is_the_generator_s_own_and_takes_no_more_of_it() -> None:
    ours, plain = seeded_generator("n"), seeded_generator("n")
    noise = NoiseSampling().draw(SIZE, ours)
    assert torch.equal(noise, torch.randn(SIZE, generator=plain))
    assert NoiseSampling().shown(noise, ours) is None
    assert torch.equal(ours.get_state(), plain.get_state())


def test_an_offset_shifts_each_channel_of_a_picture_as_a_whole() -> None:
    generator = seeded_generator("n")
    noise = NoiseSampling(offset=0.5).draw(SIZE, generator)
    generator = seeded_generator("n")
    plain = torch.randn(SIZE, generator=generator)
    shifts = torch.randn(3, 4, 1, 1, generator=generator)
    torch.testing.assert_close(noise, plain + 0.5 * shifts, rtol=1e-5, atol=1e-6)


def test_a_pyramid_is_that_of_the_report_written_out_here() -> None:
    noise = NoiseSampling(pyramid_iterations=3, pyramid_discount=0.8).draw(SIZE, seeded_generator("n"))
    generator = seeded_generator("n")
    expected = torch.randn(SIZE, generator=generator)
    for level in range(3):
        ratio = torch.rand((), generator=generator).item() * 2 + 2
        height, width = max(1, int(12 / ratio**level)), max(1, int(20 / ratio**level))
        coarse = torch.randn(3, 4, height, width, generator=generator)
        expected += 0.8**level * functional.interpolate(coarse, (12, 20), mode="bilinear")
    expected = torch.stack([picture / picture.std() for picture in expected])
    torch.testing.assert_close(noise, expected, rtol=1e-5, atol=1e-5)


def test_a_pyramid_makes_whole_pictures_lighter_and_darker() -> None:
    size = torch.Size((64, 4, 16, 16))
    plain = NoiseSampling().draw(size, seeded_generator("n")).mean(dim=(2, 3)).std()
    pyramid = NoiseSampling(pyramid_iterations=8, pyramid_discount=0.8).draw(size, seeded_generator("n"))
    assert pyramid.mean(dim=(2, 3)).std() > 3 * plain


@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 3),
    height=st.integers(1, 24),
    width=st.integers(2, 24),
    iterations=st.integers(1, 10),
    discount=st.floats(0.01, 1),
)
def test_any_pyramid_is_finite_and_each_picture_s_of_deviation_one(
    seed: int, count: int, height: int, width: int, iterations: int, discount: float
) -> None:
    sampling = NoiseSampling(pyramid_iterations=iterations, pyramid_discount=discount)
    noise = sampling.draw(torch.Size((count, 4, height, width)), seeded_generator(seed))
    assert noise.dtype == torch.float32
    torch.testing.assert_close(noise.std(dim=(1, 2, 3)), torch.ones(count))


def test_a_random_strength_is_each_picture_s_own_and_at_most_what_is_set() -> None:
    generator = seeded_generator("n")
    noise = NoiseSampling(offset=0.5, random_strength=True).draw(SIZE, generator)
    again = seeded_generator("n")
    plain = torch.randn(SIZE, generator=again)
    strengths = 0.5 * torch.rand(3, 1, 1, 1, generator=again)
    torch.testing.assert_close(noise, plain + strengths * torch.randn(3, 4, 1, 1, generator=again))
    shown = NoiseSampling(perturbation=0.2, random_strength=True).shown(noise, generator)
    assert shown is not None
    deviations = (shown - noise).std(dim=(1, 2, 3))
    assert bool((deviations < 0.21).all())
    assert len(set(deviations.tolist())) == 3


@pytest.mark.parametrize("offset", [0.0, 0.1])
def test_a_perturbation_is_shown_and_not_to_be_found(offset: float) -> None:
    sampling, generator = NoiseSampling(perturbation=0.1, offset=offset), seeded_generator("n")
    noise = sampling.draw(SIZE, generator)
    assert torch.equal(noise, NoiseSampling(offset=offset).draw(SIZE, seeded_generator("n")))
    shown = sampling.shown(noise, generator)
    assert shown is not None
    generator = seeded_generator("n")
    NoiseSampling(offset=offset).draw(SIZE, generator)
    torch.testing.assert_close(shown, noise + 0.1 * torch.randn(SIZE, generator=generator))
