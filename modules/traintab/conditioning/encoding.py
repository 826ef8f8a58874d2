"""Tokenized prompts to prompt_embeds, with and without gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch

from ..models.text_encoder import TextEncoder
from .injection import RowsAndPlaces, injected_vectors
from .tokenized import PromptTensors, TokenizedPrompt, empty_chunk

__all__ = ["EncodedPrompts", "encode_prompts", "encode_with_pooled"]

# CLIP L and H have means of about a tenth of the standard deviation. A text encoder without such a bias
# has a mean of nearly nothing, and restoring that would multiply by chance, even by a negative number.
_LEAST_MEAN = 0.01


class EncodedPrompts(NamedTuple):
    """`prompt_embeds` `[prompts, 77 * chunks, width]`, and `pooled` `[prompts, projection]` of encoders
    with a projection.
    """

    prompt_embeds: torch.Tensor
    pooled: torch.Tensor | None


def encode_prompts(
    text_encoder: TextEncoder, tokenized: Sequence[TokenizedPrompt], vectors: Mapping[str, torch.Tensor]
) -> torch.Tensor:
    """`encode_with_pooled(...)` for who wants `[prompts, 77 * chunks, width]` alone."""
    return encode_with_pooled(text_encoder, tokenized, vectors).prompt_embeds


def encode_with_pooled(
    text_encoder: TextEncoder,
    tokenized: Sequence[TokenizedPrompt],
    vectors: Mapping[str, torch.Tensor],
    *,
    clip_skip: int = 1,
    least_chunks: int = 1,
) -> EncodedPrompts:
    """What the UNet is told for each prompt, in the text encoder's dtype.

    `vectors` holds `[n, width]` for every name placed in a prompt; the result has a gradient when one of
    them wants it. Equal prompts are encoded once, in one forward pass over the distinct ones; shorter
    prompts are padded with empty chunks to the longest, at least to `least_chunks`. Weights multiply a
    token's output, then each chunk's mean is restored (A1111's "original" emphasis). The pooled output is
    the first chunk's, without weights. `clip_skip` as in `TextEncoder.forward`.
    """
    order: dict[TokenizedPrompt, int] = {}
    indices = [order.setdefault(prompt, len(order)) for prompt in tokenized]
    distinct = list(order)
    chunks = max(least_chunks, *(prompt.num_chunks for prompt in distinct))
    tensors = [prompt.on(text_encoder.device) for prompt in distinct]
    input_ids = _input_ids(text_encoder, tensors, chunks)
    placements = _placements(tensors, input_ids.shape[1] * chunks)
    with injected_vectors(text_encoder, placements, vectors):
        states, pooled = text_encoder.forward(input_ids, clip_skip)
    if any(prompt.is_weighted for prompt in distinct):
        states = _weighted(states, tensors, chunks)
    embeds = states.reshape(len(distinct), -1, states.shape[-1])
    first_pooled = None if pooled is None else pooled[::chunks]
    if len(distinct) == len(indices):
        return EncodedPrompts(embeds, first_pooled)
    return EncodedPrompts(
        _taken(embeds, indices), None if first_pooled is None else _taken(first_pooled, indices)
    )


def _taken(rows: torch.Tensor, indices: list[int]) -> torch.Tensor:
    """Not by an index tensor: its backward pass adds up repeated rows in a varying order."""
    return torch.stack([rows[index] for index in indices])


def _input_ids(text_encoder: TextEncoder, prompts: Sequence[PromptTensors], chunks: int) -> torch.Tensor:
    """Token ids `[prompts * chunks, 77]`, the shorter prompts filled up with empty chunks."""
    ids = [prompt.input_ids for prompt in prompts]
    if any(len(rows) < chunks for rows in ids):
        filler = empty_chunk(text_encoder).to(text_encoder.device)
        ids = [_padded(rows, chunks, filler) for rows in ids]
    return ids[0] if len(ids) == 1 else torch.cat(ids)


def _padded(rows: torch.Tensor, chunks: int, filler: torch.Tensor) -> torch.Tensor:
    """`[c, 77]` to `[chunks, 77]` by repeating `filler` `[1, 77]`."""
    missing = chunks - rows.shape[0]
    return torch.cat([rows, filler.expand(missing, -1)]) if missing else rows


def _placements(prompts: Sequence[PromptTensors], prompt_length: int) -> dict[str, RowsAndPlaces]:
    """Where each embedding's rows go in the flattened batch: one addition a prompt, no work per token."""
    if len(prompts) == 1:
        return {name: RowsAndPlaces(*found) for name, found in prompts[0].rows_and_places.items()}
    rows: dict[str, list[torch.Tensor]] = {}
    places: dict[str, list[torch.Tensor]] = {}
    for number, prompt in enumerate(prompts):
        for name, (own_rows, own_places) in prompt.rows_and_places.items():
            rows.setdefault(name, []).append(own_rows)
            places.setdefault(name, []).append(own_places + number * prompt_length)
    return {name: RowsAndPlaces(torch.cat(rows[name]), torch.cat(places[name])) for name in rows}


def _weighted(states: torch.Tensor, prompts: Sequence[PromptTensors], chunks: int) -> torch.Tensor:
    """Each token times its weight, then each chunk `[77, width]` scaled back to the mean it had."""
    filler = torch.ones(1, states.shape[1], device=states.device)
    weights = torch.cat([_padded(prompt.weights, chunks, filler) for prompt in prompts])
    weights = weights.to(states.dtype).unsqueeze(-1)
    changed = states * weights
    mean = states.mean(dim=(1, 2), keepdim=True)
    is_restored = mean.abs() > _LEAST_MEAN * states.std(dim=(1, 2), keepdim=True)
    is_restored &= (weights != 1).any(dim=1, keepdim=True)
    new_mean = changed.mean(dim=(1, 2), keepdim=True)
    return changed * torch.where(is_restored, mean, 1.0) / torch.where(is_restored, new_mean, 1.0)
