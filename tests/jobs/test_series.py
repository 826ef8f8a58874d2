import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.jobs.series import Series, few_with_lowest


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


@given(st.lists(st.floats(0, 10), max_size=300), st.integers(10, 50))
def test_of_many_evaluations_the_lowest_and_the_last_stay_as_they_are(
    values: list[float], limit: int
) -> None:
    points = list(enumerate(values))
    kept = few_with_lowest(points, limit=limit)
    assert len(kept) < limit and set(kept) <= set(points) and list(kept) == sorted(kept)
    if points:
        assert min(points, key=lambda point: point[1]) in kept and kept[-1] == points[-1]
    if len(points) < limit:
        assert kept == tuple(points)


def test_an_evaluation_that_is_no_number_is_not_the_lowest() -> None:
    kept = few_with_lowest([(0, 2.0), (1, 1.0), *((step, float("nan")) for step in range(2, 20))], limit=8)
    assert (1, 1.0) in kept
