import itertools

import pytest

from traintab.jobs.series import Series


def test_a_short_curve_is_kept_whole() -> None:
    series = Series()
    series.add(1, 0.5)
    series.add(2, 0.25)
    assert series.points == ((1, 0.5), (2, 0.25))


def test_a_long_curve_is_thinned_evenly_and_keeps_its_mean() -> None:
    series = Series(limit=100)
    for step in range(1, 10_001):
        series.add(step, float(step))
    steps = [step for step, _ in series.points]
    assert len(steps) <= 100
    assert len({later - earlier for earlier, later in itertools.pairwise(steps)}) <= 2
    means = [value for _, value in series.points]
    assert sum(means) / len(means) == pytest.approx(5000, rel=0.05)


def test_a_curve_goes_on_from_given_points() -> None:
    series = Series([(1, 1.0), (2, 2.0)])
    series.add(3, 3.0)
    assert series.points[-1] == (3, 3.0) and len(series.points) == 3
