"""The number format of a model's frozen weights; full precision for a while, where half breaks pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from ..errors import ModelError
from .devices import DeviceChoice
from .model import Model

__all__ = ["check_precision", "in_float32", "in_precision", "is_exact"]

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_AUTO = "auto"


def in_precision(choice: DeviceChoice, precision: str) -> DeviceChoice:
    """The device with `fp32`, `bf16` or `fp16` for the UNet; `auto` is the device's own choice.

    Raises ModelError for another word.
    """
    if precision == _AUTO:
        return choice
    if precision not in _DTYPES:
        known = ", ".join((_AUTO, *_DTYPES))
        raise ModelError(f"There is no precision {precision!r}; choose one of {known}.")
    dtype = _DTYPES[precision]
    if dtype == choice.dtype:
        return choice
    return replace(choice, dtype=dtype, reason=f"{choice.reason} Its UNet is in {precision}, as asked for.")


def check_precision(model: Model, precision: str) -> None:
    """Raise ModelError for a model that wasn't loaded in `precision`; `auto` takes any.

    It can't be changed afterwards: weights that were rounded don't come back.
    """
    if precision != _AUTO and _DTYPES.get(precision) != model.dtype:
        loaded = next((word for word, dtype in _DTYPES.items() if dtype == model.dtype), str(model.dtype))
        raise ModelError(
            f"The run wants Precision {precision}, but {model.name} was loaded in {loaded}; load it with"
            f" load_model(…, precision={precision!r}), or choose auto."
        )


def is_exact(model: Model) -> bool:
    """Whether the UNet computes in float32 already, so that nothing more exact is left to try."""
    return model.dtype == torch.float32


@contextmanager
def in_float32(model: Model) -> Iterator[Model]:
    """The model with its UNet in float32 for the length of the block.

    Only the UNet changes: text encoders and VAE are float32 always, so that decoding never breaks on half
    precision. Afterwards the UNet has the very bits it had, whatever happens: float16 and bfloat16 go into
    float32 and back without loss. Meanwhile it takes twice its memory.
    """
    weights = [*model.unet.parameters(), *model.unet.buffers()]
    weights = [weight for weight in weights if weight.is_floating_point()]
    dtypes = [weight.dtype for weight in weights]
    try:
        for weight in weights:
            weight.data = weight.data.float()
        yield replace(model, dtype=torch.float32)
    finally:
        for weight, dtype in zip(weights, dtypes, strict=True):
            weight.data = weight.data.to(dtype)
