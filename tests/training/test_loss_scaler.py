"""The scale of the loss in float16."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.training.loss_scaler import LossScaler

UPDATES_BEFORE_GROWTH = 500


def after(outcomes: list[bool], scaler: LossScaler | None = None) -> LossScaler:
    """The scaler after these updates, made or skipped."""
    scaler = scaler or LossScaler()
    for is_made in outcomes:
        if is_made:
            scaler.count_update()
        else:
            scaler.skip()
    return scaler


def test_a_skipped_update_halves_the_scale() -> None:
    scaler = after([False, False])
    assert (scaler.scale, scaler.skipped) == (2.0**14, 2)


def test_the_scale_doubles_after_five_hundred_updates_without_a_skip() -> None:
    assert after([True] * (UPDATES_BEFORE_GROWTH - 1)).scale == 2.0**16
    assert after([True] * UPDATES_BEFORE_GROWTH).scale == 2.0**17
    assert after([True] * 499 + [False] + [True] * 499).scale == 2.0**15
    assert after([True] * 499 + [False] + [True] * 500).scale == 2.0**16


def test_the_scale_ends_at_one_and_at_two_to_the_24th() -> None:
    lowest = after([False] * 40)
    assert (lowest.scale, lowest.is_lowest) == (1.0, True)
    assert after([True] * UPDATES_BEFORE_GROWTH * 20).scale == 2.0**24


def test_a_gradient_comes_back_to_its_very_bits() -> None:
    gradient = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    scaled = gradient * LossScaler().scale
    LossScaler().unscale([scaled])
    assert torch.equal(scaled, gradient)


@given(st.lists(st.booleans(), max_size=30), st.lists(st.booleans(), max_size=30), st.integers(0, 499))
def test_a_restored_scaler_goes_on_as_the_first_one(
    before: list[bool], then: list[bool], updates: int
) -> None:
    first = after([*before, *[True] * updates])
    second = LossScaler(4.0)
    second.load_state_dict(first.state_dict())
    assert after(then, second).state_dict() == after(then, first).state_dict()
