"""Seeds for every use."""

from __future__ import annotations

import torch

from traintab.datasets.seeds import derived_seed, seeded_generator


def test_a_derived_seed_is_the_same_for_ever() -> None:
    assert derived_seed("order", 0, 1) == 6998642760411335394


def test_the_parts_are_told_apart() -> None:
    seeds = {derived_seed("a", 1), derived_seed("a1"), derived_seed("a", 11), derived_seed("a", 1, 1)}
    assert len(seeds) == 4


def test_a_seed_fits_a_generator() -> None:
    assert all(0 <= derived_seed(number) < 2**63 for number in range(100))


def test_a_seeded_generator_repeats_its_numbers() -> None:
    first = torch.rand(3, generator=seeded_generator("x", 1))
    assert torch.equal(first, torch.rand(3, generator=seeded_generator("x", 1)))
