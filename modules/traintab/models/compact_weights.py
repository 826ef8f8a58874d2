"""A text encoder that computes in float32 with weights that are kept in half the memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from .devices import DeviceChoice

__all__ = ["compact_on_card", "keep_compact"]


def compact_on_card(text_encoders: Sequence[nn.Module], choice: DeviceChoice) -> None:
    """`keep_compact` where it counts: SDXL's two text encoders on a card whose UNet is in half precision.

    One encoder is a tenth of that, and on the processor the casting would cost more than the memory is worth.
    """
    if len(text_encoders) > 1 and choice.device.type != "cpu" and choice.dtype != torch.float32:
        for module in text_encoders:
            keep_compact(module)


def keep_compact(module: nn.Module) -> int:
    """Keep the weights of linear layers and tables as float16 where that loses nothing; the bytes saved.

    SDXL's text encoders have 3.3 GB in float32 and mostly come from float16 files. Each layer's weight
    becomes float32 for the moment it is used in, and again in the backward pass, so that every number is the
    one that float32 weights give. For frozen modules: such weights get no gradient.
    """
    saved = 0
    for part in module.modules():
        compact = _COMPACT.get(type(part))
        if compact is None or not isinstance(part.weight, nn.Parameter):
            continue
        half = part.weight.detach().to(torch.float16)
        if part.weight.dtype == torch.float32 and torch.equal(half.to(torch.float32), part.weight):
            part.weight = nn.Parameter(half, requires_grad=False)
            part.__class__ = compact
            saved += half.nbytes
    return saved


class _InFloat32(torch.autograd.Function):
    """`functional.linear` with a float16 weight; nothing of the weight in float32 outlives a call."""

    @staticmethod
    def forward(ctx: Any, inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> Any:
        ctx.save_for_backward(weight)
        return functional.linear(inputs, weight.to(inputs.dtype), bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[torch.Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        (gradient,) = gradients
        return gradient @ weight.to(gradient.dtype), None, None


class _CompactLinear(nn.Linear):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        apply: Callable[..., torch.Tensor] = _InFloat32.apply
        return apply(input, self.weight, self.bias)


class _CompactEmbedding(nn.Embedding):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return super().forward(input).to(torch.float32)


_COMPACT: dict[type[nn.Module], type[nn.Module]] = {
    nn.Linear: _CompactLinear,
    nn.Embedding: _CompactEmbedding,
}
