"""Forms that no word tells."""

from __future__ import annotations

import pytest

from traintab.demo.forms import (
    CLOVER,
    DEEPEST,
    HAIR_WIDTH,
    LOBES,
    LONG_HAIR,
    SHALLOW_FOUR,
    TOY_WIDTH,
    hair_form,
    hair_vector,
    toy_form,
    toy_vector,
)

SEEDS = range(400)
FOUR = LOBES.index(4)


def test_no_toy_has_four_lobes_as_deep_as_the_held_out_clover() -> None:
    assert abs(CLOVER.depths[FOUR]) == pytest.approx(2 * SHALLOW_FOUR)
    assert all(abs(toy_form("toy", seed).depths[FOUR]) <= SHALLOW_FOUR for seed in SEEDS)


def test_toys_never_cross_their_own_middle() -> None:
    assert all(sum(map(abs, toy_form("toy", seed).depths)) <= DEEPEST for seed in SEEDS)


def test_toys_have_every_count_of_lobes() -> None:
    depths = [toy_form("toy", seed).depths for seed in SEEDS]
    assert all(any(abs(column) > 0.1 for column in columns) for columns in zip(*depths, strict=True))


def test_a_toy_follows_from_its_seed() -> None:
    assert toy_form("toy", 1) == toy_form("toy", 1) != toy_form("toy", 2)


@pytest.mark.parametrize("style", ["long", "twintails", "ponytail", "bob", "short", "curly"])
def test_gradient_hair_is_twice_as_soft_as_any_that_is_trained_on(style: str) -> None:
    softest = max(hair_form("tips", style, seed).softness for seed in SEEDS)
    assert hair_form("gradient", style, 0).softness > 2 * softest


def test_only_toys_have_numbers_of_a_toy() -> None:
    assert toy_vector({"shape": "mug"}, 1) == [0.0] * TOY_WIDTH
    assert toy_vector({"hair style": "long"}, 1) == [0.0] * TOY_WIDTH
    numbers = toy_vector({"shape": "toy"}, 1)
    assert len(numbers) == TOY_WIDTH
    assert any(numbers)


@pytest.mark.parametrize("style", LONG_HAIR)
def test_only_two_tone_hair_has_numbers_of_a_blend(style: str) -> None:
    assert hair_vector({"shape": "mug"}, 1) == [0.0] * HAIR_WIDTH
    assert hair_vector({"hair blend": "plain", "hair style": style}, 1) == [0.0] * HAIR_WIDTH
    split, softness = hair_vector({"hair blend": "gradient", "hair style": style}, 1)
    assert (split, softness) == (0.0, 3.75)
