"""Learned vectors in place of token vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from ..models.text_encoder import TextEncoder

__all__ = ["RowsAndPlaces", "injected_vectors"]


@dataclass(frozen=True)
class RowsAndPlaces:
    """For one embedding: int64 `rows` `[k]` of its vectors go to `places` `[k]`.

    A place counts the tokens of the whole batch in a line: `sequence * 77 + position`. Both lie on the
    text encoder's device.
    """

    rows: torch.Tensor
    places: torch.Tensor


@contextmanager
def injected_vectors(
    text_encoder: TextEncoder, placements: Mapping[str, RowsAndPlaces], vectors: Mapping[str, torch.Tensor]
) -> Iterator[None]:
    """While the block runs, the input-embedding layer gives `vectors` (each `[n, width]`) at `placements`.

    A forward hook on the layer's output, because no version of CLIPTextModel takes `inputs_embeds`. The
    gradient flows into `vectors` alone: the frozen table gets none, and no row has to be restored.
    """
    layer = text_encoder.embedding_layer

    def put_vectors(_module: nn.Module, _inputs: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
        flat = output.reshape(-1, output.shape[-1])
        for name, target in placements.items():
            # functional.embedding and not indexing: its backward pass always adds up in the same order.
            rows = functional.embedding(target.rows, vectors[name].to(output.device))
            flat = flat.index_copy(0, target.places, rows.to(output.dtype))
        return flat.view_as(output)

    handle = layer.register_forward_hook(put_vectors)
    try:
        yield
    finally:
        handle.remove()
