"""What a LoRA adds to one layer's weight, by the kind of factors it keeps."""

from __future__ import annotations

from collections.abc import Mapping

import torch

__all__ = ["weight_change"]

Pieces = Mapping[str, torch.Tensor]


def weight_change(pieces: Pieces) -> torch.Tensor | None:
    """The change at strength 1, as many numbers as the weight has; None when a factor is missing.

    `pieces` are a layer's tensors by `LayerPiece.piece`. LoRA and LoCon are `up @ down` times alpha / rank,
    LoHa a product of two such pairs, LoKr a Kronecker product; `diff` is the change itself. Raises
    RuntimeError when the factors don't fit each other. Works on meta tensors too.
    """
    for change in (_lora, _loha, _lokr):
        found = change(pieces)
        if found is not None:
            return found
    return pieces.get("diff")


def _lora(pieces: Pieces) -> torch.Tensor | None:
    if "down" not in pieces or "up" not in pieces:
        return None
    down, up = pieces["down"], pieces["up"]
    if "mid" in pieces:  # a convolution between two of one pixel
        change = torch.einsum("n m h w, i n, m j -> i j h w", pieces["mid"], _flat(up), _flat(down))
    else:
        change = (_flat(up) @ _flat(down)).reshape(up.shape[0], *down.shape[1:])
    return change * _scale(pieces, down.shape[0])


def _loha(pieces: Pieces) -> torch.Tensor | None:
    names = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
    if not all(name in pieces for name in names):
        return None
    first_a, first_b, second_a, second_b = (pieces[name] for name in names)
    return (first_a @ first_b) * (second_a @ second_b) * _scale(pieces, first_b.shape[0])


def _lokr(pieces: Pieces) -> torch.Tensor | None:
    first, second = _factor(pieces, "lokr_w1"), _factor(pieces, "lokr_w2")
    if first is None or second is None:
        return None
    ranks = [pieces[name].shape[0] for name in ("lokr_w1_b", "lokr_w2_b") if name in pieces]
    change = torch.kron(first.reshape(*first.shape, *(1,) * (second.ndim - first.ndim)), second)
    return change * _scale(pieces, ranks[0]) if ranks else change


def _factor(pieces: Pieces, name: str) -> torch.Tensor | None:
    """A matrix kept whole, or as the product of two."""
    if name in pieces:
        return pieces[name]
    if f"{name}_a" not in pieces or f"{name}_b" not in pieces:
        return None
    first, second = pieces[f"{name}_a"], pieces[f"{name}_b"]
    return (first @ _flat(second)).reshape(first.shape[0], *second.shape[1:])


def _flat(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.reshape(tensor.shape[0], -1)


def _scale(pieces: Pieces, rank: int) -> torch.Tensor | float:
    """alpha / rank; 1 without an alpha."""
    return pieces["alpha"] / rank if "alpha" in pieces else 1.0
