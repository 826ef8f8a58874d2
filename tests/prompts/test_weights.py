from __future__ import annotations

import math

import pytest

from traintab.prompts.weights import limited_weight


@pytest.mark.parametrize("weight", [0.0, 1.1, -0.5, 99.9, 100.0, -100.0])
def test_a_weight_that_shows_something_stays(weight: float) -> None:
    assert limited_weight(weight) == weight


@pytest.mark.parametrize(
    ("weight", "kept"), [(100.5, 100.0), (-1e6, -100.0), (math.inf, 100.0), (-math.inf, -100.0)]
)
def test_more_than_a_hundred_is_a_hundred(weight: float, kept: float) -> None:
    assert limited_weight(weight) == kept
