"""The rule of DVAR against numpy's variances, and on curves of known shape."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.training.automatic_stop import AutomaticStop, variance_share

LOSSES = st.lists(st.floats(0.0, 10.0), min_size=4, max_size=40)
RULE = AutomaticStop(window=5, threshold=0.15)


def falling_to_a_plateau(count: int, wavering: float) -> list[float]:
    return [0.3 + 0.2 * math.exp(-step / 6) + wavering * math.sin(7 * step) for step in range(count)]


def first_stop(losses: list[float], rule: AutomaticStop) -> int | None:
    return next((n for n in range(1, len(losses) + 1) if rule.reason(losses[:n])), None)


@given(LOSSES, st.integers(2, 30))
def test_the_share_is_that_of_population_variances(losses: list[float], window: int) -> None:
    share = variance_share(losses, window)
    if len(losses) <= window:
        assert share is None
    elif len(set(losses)) > 1 and numpy.var(losses) > 1e-12:
        assert share == pytest.approx(numpy.var(losses[-window:]) / numpy.var(losses), rel=1e-6, abs=1e-9)


@given(LOSSES, st.floats(-3.0, 3.0), st.floats(0.5, 4.0))
def test_another_height_or_scale_of_the_losses_decides_nothing(
    losses: list[float], height: float, scale: float
) -> None:
    share = variance_share(losses, 3)
    moved = variance_share([height + scale * loss for loss in losses], 3)
    if share is not None and numpy.var(losses) > 1e-4:
        assert moved == pytest.approx(share, rel=1e-4, abs=1e-6)


def test_a_falling_loss_goes_on() -> None:
    assert first_stop([1.0 - 0.01 * step for step in range(12)], RULE) is None
    assert first_stop([1.0 / (step + 1) for step in range(6)], RULE) is None


def test_a_plateau_after_a_fall_is_the_end() -> None:
    assert first_stop(falling_to_a_plateau(60, 0.002), AutomaticStop(window=12, threshold=0.15)) == 18


@pytest.mark.option("automatic_stop_window", "automatic_stop_threshold")
def test_a_lower_threshold_and_a_longer_window_stop_later() -> None:
    losses = falling_to_a_plateau(80, 0.002)
    usual = first_stop(losses, RULE)
    careful = first_stop(losses, AutomaticStop(window=5, threshold=0.02))
    patient = first_stop(losses, AutomaticStop(window=15, threshold=0.15))
    assert usual is not None and careful is not None and patient is not None
    assert usual < careful and usual < patient


def test_it_never_stops_before_there_are_more_evaluations_than_it_looks_back_on() -> None:
    assert first_stop([0.5] * 20, RULE) == 6


def test_losses_that_never_move_are_at_rest() -> None:
    assert variance_share([0.25] * 7, 5) == 0.0


def test_it_says_what_it_has_seen() -> None:
    losses = [1.0, 0.5, *[0.4, 0.41, 0.4, 0.41, 0.4]]
    assert RULE.reason(losses) == (
        "nothing more is learned: the newest 5 evaluations vary only 0.057 % as much as all 7, less than the"
        " 15 % asked for"
    )
    assert RULE.reason(losses[:5]) == ""
