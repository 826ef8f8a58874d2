"""Which amounts of noise a pass sees."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.seeds import seeded_generator
from traintab.errors import ConfigError
from traintab.training.timesteps import TimestepSampling

STRATIFIED = TimestepSampling(stratified=True)


def test_by_chance_they_are_the_generator_s_own_whole_numbers() -> None:
    expected = torch.randint(1000, (5,), generator=seeded_generator("t"))
    assert torch.equal(TimestepSampling().draw(5, 1000, seeded_generator("t")), expected)


@given(count=st.integers(1, 64), total=st.integers(1, 2000), seed=st.integers(0, 2**32))
def test_any_stratified_pass_has_one_in_each_equal_part(count: int, total: int, seed: int) -> None:
    timesteps = STRATIFIED.draw(count, total, seeded_generator(seed))
    assert timesteps.dtype == torch.int64
    assert timesteps.shape == (count,)
    for part, timestep in enumerate(sorted(timesteps.tolist())):
        assert int(part * total / count) <= timestep <= min(total - 1, (part + 1) * total / count)


def test_stratified_or_not_every_timestep_is_as_likely() -> None:
    for sampling in (TimestepSampling(), STRATIFIED):
        generator = seeded_generator("u")
        first = torch.stack([sampling.draw(4, 8, generator)[0] for _ in range(4000)])
        assert torch.bincount(first, minlength=8).min() > 400


def test_a_stratified_pass_has_a_steadier_mean() -> None:
    generator = seeded_generator("v")

    def spread(sampling: TimestepSampling) -> float:
        means = [sampling.draw(4, 1000, generator).double().mean() for _ in range(500)]
        return float(torch.stack(means).std())

    assert spread(STRATIFIED) < spread(TimestepSampling()) / 3


@pytest.mark.parametrize("stratified", [False, True])
def test_a_range_is_kept_and_used_up_to_both_its_ends(stratified: bool) -> None:
    sampling = TimestepSampling(first=3, end=7, stratified=stratified)
    drawn = sampling.draw(400, 1000, seeded_generator("r"))
    assert sorted(set(drawn.tolist())) == [3, 4, 5, 6]


def test_a_range_that_a_model_doesn_t_reach_is_refused() -> None:
    assert TimestepSampling(first=3, end=1000).range_of(10) == range(3, 10)
    with pytest.raises(ConfigError, match="Min timestep is 10, but the model has only 10 timesteps"):
        TimestepSampling(first=10).range_of(10)


def test_a_picture_stands_as_often_as_it_has_timesteps() -> None:
    assert list(TimestepSampling(per_picture=3).repeated([4, 2])) == [4, 4, 4, 2, 2, 2]
    assert list(TimestepSampling().repeated([4, 2])) == [4, 2]
