"""Prompt texts and embeddings to what the UNet is told, without gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ..embeddings.embedding import Embedding
from ..models.model import Model
from ..models.text_encoder import TextEncoder
from .encoding import encode_with_pooled
from .names import NameFinder
from .tokenized import TokenizedPrompt, tokenize_prompt

__all__ = ["Conditioning", "condition"]


@dataclass(frozen=True, eq=False)
class Conditioning:
    """`prompt_embeds` `[prompts, 77 * chunks, width]`, and the embeddings that the prompts named.

    `pooled_prompt_embeds` `[prompts, 1280]` is SDXL's second text encoder's; None for other models.
    """

    prompt_embeds: torch.Tensor
    used: tuple[str, ...]
    pooled_prompt_embeds: torch.Tensor | None = None


@torch.no_grad()
def condition(
    model: Model, prompts: Sequence[str], embeddings: Mapping[str, Embedding], *, clip_skip: int = 1
) -> Conditioning:
    """Encode `prompts` with the embeddings they name, all to the same number of chunks.

    Keys of `embeddings` are the words looked for. An embedding that lacks vectors of the width of one of
    the model's text encoders is passed over, its name being ordinary text then. Several text encoders'
    outputs stand side by side in the last dimension, chunk by chunk. `clip_skip` counts as A1111 does and
    changes SD1 alone; raises ConfigError when the text encoder hasn't that many layers.
    """
    fitting = {word: embedding for word, embedding in embeddings.items() if embedding.fits(model.widths)}
    tokenized = [_tokenized(encoder, prompts, fitting) for encoder in model.text_encoders]
    chunks = max(prompt.num_chunks for row in tokenized for prompt in row)
    parts, pooled = [], None
    for text_encoder, row in zip(model.text_encoders, tokenized, strict=True):
        vectors = {word: embedding.vectors[text_encoder.name] for word, embedding in fitting.items()}
        encoded = encode_with_pooled(text_encoder, row, vectors, clip_skip=clip_skip, least_chunks=chunks)
        parts.append(encoded.prompt_embeds)
        pooled = encoded.pooled
    used = dict.fromkeys(name for row in tokenized for prompt in row for name in prompt.names)
    return Conditioning(torch.cat(parts, dim=-1), tuple(used), pooled)


def _tokenized(
    text_encoder: TextEncoder, prompts: Sequence[str], embeddings: Mapping[str, Embedding]
) -> list[TokenizedPrompt]:
    finder = NameFinder(text_encoder, {word: e.num_vectors for word, e in embeddings.items()})
    return [tokenize_prompt(prompt, text_encoder, finder) for prompt in prompts]
