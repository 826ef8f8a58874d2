"""What counts how much in the loss."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.latents import CachedLatents
from traintab.datasets.masks import LossMasks
from traintab.datasets.seeds import seeded_generator
from traintab.training.loss_weights import LossWeights
from traintab.training.picture_loss import TrainingPictures


def errors(count: int = 2) -> torch.Tensor:
    return torch.rand(count, 4, 3, 5, generator=seeded_generator("errors"))


def test_a_picture_of_weight_two_counts_twice() -> None:
    first, second = errors().mean(dim=(1, 2, 3))
    weighed = LossWeights(pictures=torch.tensor([2.0, 0.5])).mean(errors())
    torch.testing.assert_close(weighed, (2 * first + 0.5 * second) / 2)


def test_only_the_places_of_the_mask_count() -> None:
    mask = torch.zeros(2, 1, 3, 5)
    mask[0, :, 0, 0] = 1
    mask[1, :, 2] = 1
    expected = (errors()[0, :, 0, 0].mean() + errors()[1, :, 2].mean()) / 2
    torch.testing.assert_close(LossWeights(pixels=mask).mean(errors()), expected)


@given(alpha=st.floats(0, 1000))
def test_any_constant_mask_changes_nothing(alpha: float) -> None:
    weighed = LossWeights(pixels=torch.full((2, 1, 3, 5), alpha)).mean(errors())
    torch.testing.assert_close(weighed, errors().mean())


def test_an_empty_mask_of_one_picture_leaves_the_other_its_own() -> None:
    mask = torch.zeros(2, 1, 3, 5)
    mask[1, :, 2] = 1
    expected = (errors()[0].mean() + errors()[1, :, 2].mean()) / 2
    torch.testing.assert_close(LossWeights(pixels=mask).mean(errors()), expected)


def test_an_empty_mask_has_a_gradient_that_is_a_number() -> None:
    wrong = errors().requires_grad_()
    LossWeights(pixels=torch.zeros(2, 1, 3, 5)).mean(wrong).backward()
    assert wrong.grad is not None
    torch.testing.assert_close(wrong.grad, torch.full_like(wrong, 1 / wrong.numel()))


def test_pictures_and_pixels_work_together() -> None:
    mask = torch.rand(2, 1, 3, 5, generator=seeded_generator("mask"))
    each = (errors() * mask).sum(dim=(1, 2, 3)) / (4 * mask.sum(dim=(1, 2, 3)))
    weighed = LossWeights(pictures=torch.tensor([3.0, 1.0]), pixels=mask).mean(errors())
    torch.testing.assert_close(weighed, (3 * each[0] + each[1]) / 2)


def test_pictures_know_their_weights_by_index() -> None:
    latents = CachedLatents(mean=torch.zeros(3, 4, 8, 8))
    pictures = TrainingPictures(
        captions=("a", "b", "c"), latents=latents, weights=torch.tensor([1.0, 2.0, 3.0])
    )
    weights = pictures.loss_weights([2, 0], torch.device("cpu"))
    assert weights is not None
    assert weights.pictures is not None
    assert weights.pictures.tolist() == [3, 1]


@pytest.mark.parametrize("masks", [None, LossMasks(weights=(torch.ones(1, 8, 8),) * 3)])
def test_without_weights_there_is_nothing_to_compute(masks: LossMasks | None) -> None:
    latents = CachedLatents(mean=torch.zeros(3, 4, 8, 8))
    pictures = TrainingPictures(captions=("a", "b", "c"), latents=latents, masks=masks)
    assert (pictures.loss_weights([2, 0], torch.device("cpu")) is None) == (masks is None)
