"""Attention is torch's own fused one everywhere, and nothing gathers gradients for frozen weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    """One entry for each fused attention."""
    made: list[None] = []
    fused = functional.scaled_dot_product_attention

    def counted(*arguments: torch.Tensor, **options: object) -> torch.Tensor:
        made.append(None)
        return fused(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(functional, "scaled_dot_product_attention", counted)
    yield made


def attentions(module: torch.nn.Module, ending: str) -> int:
    return sum(type(part).__name__.endswith(ending) for part in module.modules())


def test_every_attention_of_the_model_is_fused(tiny_model: Model, calls: list[None]) -> None:
    tiny_model.predict(torch.zeros(1, 4, 8, 8), torch.tensor(10), torch.zeros(1, 77, 32))
    in_unet = len(calls)
    assert in_unet == attentions(tiny_model.unet, "Attention") > 0
    tiny_model.encode_images(torch.zeros(1, 3, 64, 64))
    assert len(calls) - in_unet == 1
    tiny_model.text_encoders[0].forward(torch.zeros(1, 77, dtype=torch.long))
    assert len(calls) - in_unet - 1 == attentions(tiny_model.text_encoders[0].module, "CLIPAttention") > 0


def test_no_processor_of_diffusers_is_an_unfused_one(tiny_model_dir: Path) -> None:
    model = load_model(str(tiny_model_dir), Paths.under(tiny_model_dir.parent), device="cpu")
    for module in (model.unet, model.vae):
        processors = module.attn_processors.values()  # type: ignore[union-attr, operator]
        assert {type(processor).__name__ for processor in processors} == {"AttnProcessor2_0"}


def test_a_backward_pass_leaves_no_gradient_in_any_weight(tiny_model: Model) -> None:
    embeds = torch.zeros(1, 77, 32, requires_grad=True)
    tiny_model.predict(torch.ones(1, 4, 8, 8), torch.tensor(10), embeds).sum().backward()
    assert embeds.grad is not None
    modules = (tiny_model.unet, tiny_model.vae, tiny_model.text_encoders[0].module)
    weights = [weight for module in modules for weight in module.parameters()]
    assert not any(weight.requires_grad or weight.grad is not None for weight in weights)
