"""Gradient checkpointing, and what is kept without it."""

from __future__ import annotations

import copy
import gc
import math
import weakref
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from traintab.models.checkpointing import TooMuchKept, kept_within, set_checkpointing
from traintab.models.model import Model


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=str)
def model(request: pytest.FixtureRequest, tiny_model: Model) -> Iterator[Model]:
    unet = copy.deepcopy(tiny_model.unet).to(request.param).requires_grad_(False)
    yield replace(tiny_model, unet=unet, dtype=request.param)


def gradient(model: Model) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    embeds = torch.randn(2, 77, 32, generator=generator).requires_grad_()
    latents = torch.randn(2, 4, 8, 8, generator=generator)
    loss = (model.predict(latents, torch.tensor([10, 700]), embeds) ** 2).mean()
    loss.backward()
    assert embeds.grad is not None
    return loss.detach(), embeds.grad


def test_checkpointing_changes_no_bit_of_loss_and_gradient(model: Model) -> None:
    loss, plain = gradient(model)
    set_checkpointing(model.unet, True)
    checkpointed_loss, checkpointed = gradient(model)
    set_checkpointing(model.unet, False)
    assert torch.equal(loss, checkpointed_loss)
    assert torch.equal(plain, checkpointed)
    assert plain.abs().max() > 0


def test_checkpointing_is_at_work_and_is_undone(model: Model) -> None:
    passes: list[None] = []
    block = model.unet.up_blocks[-1].resnets[0]  # type: ignore[union-attr, index]
    block.register_forward_pre_hook(lambda *_: passes.append(None))
    gradient(model)
    assert len(passes) == 1
    set_checkpointing(model.unet, True)
    gradient(model)
    assert len(passes) == 3
    set_checkpointing(model.unet, False)
    gradient(model)
    assert len(passes) == 4
    assert not model.unet.training


def test_a_pass_within_the_limit_is_left_alone_and_one_beyond_it_refused() -> None:
    weight = torch.ones(1000)
    left = torch.ones(1000, requires_grad=True)
    with kept_within(4000, [weight]):
        (left * weight).exp()  # keeps the product's exponential, and the weight, which doesn't count
    with pytest.raises(TooMuchKept) as refused, kept_within(3999, [weight]):
        (left * weight).exp()
    assert refused.value.kept == 4000


def test_shared_memory_counts_once() -> None:
    left = torch.ones(1000, requires_grad=True)
    with kept_within(4000, []):
        (left * left).sum()
        (left[:500] * left[500:]).sum()


def test_what_was_kept_is_free_when_the_result_is_given_up() -> None:
    left = torch.ones(1000, requires_grad=True)
    with kept_within(math.inf, []):
        result = (left * 2).exp()  # keeps its own result
    alive = weakref.ref(result)
    del result
    gc.collect()
    assert alive() is None


def test_without_a_limit_nothing_is_refused(model: Model) -> None:
    with kept_within(math.inf, []):
        loss, watched = gradient(model)
    again, plain = gradient(model)
    assert torch.equal(loss, again) and torch.equal(watched, plain)
