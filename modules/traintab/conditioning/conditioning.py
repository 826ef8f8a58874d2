"""Prompt texts and embeddings to what the UNet is told, without gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ..embeddings.embedding import Embedding
from ..models.model import Model
from .encoding import encode_prompts
from .names import NameFinder
from .tokenized import tokenize_prompt

__all__ = ["Conditioning", "condition", "prompt_embeds"]


@dataclass(frozen=True, eq=False)
class Conditioning:
    """`prompt_embeds` `[prompts, 77 * chunks, width]`, and the embeddings that the prompts named."""

    prompt_embeds: torch.Tensor
    used: tuple[str, ...]


@torch.no_grad()
def condition(model: Model, prompts: Sequence[str], embeddings: Mapping[str, Embedding]) -> Conditioning:
    """Encode `prompts` with the embeddings they name, all to the same number of chunks.

    Keys of `embeddings` are the words looked for. An embedding that lacks vectors of the width of one of
    the model's text encoders is passed over, its name being ordinary text then. Several text encoders'
    outputs stand side by side in the last dimension.
    """
    fitting = {word: embedding for word, embedding in embeddings.items() if embedding.fits(model.widths)}
    num_vectors = {word: embedding.num_vectors for word, embedding in fitting.items()}
    parts, used = [], dict[str, None]()
    for text_encoder in model.text_encoders:
        finder = NameFinder(text_encoder, num_vectors)
        tokenized = [tokenize_prompt(prompt, text_encoder, finder) for prompt in prompts]
        for prompt in tokenized:
            used.update(dict.fromkeys(prompt.names))
        vectors = {word: embedding.vectors[text_encoder.name] for word, embedding in fitting.items()}
        parts.append(encode_prompts(text_encoder, tokenized, vectors))
    return Conditioning(torch.cat(parts, dim=-1), tuple(used))


def prompt_embeds(model: Model, prompts: Sequence[str], embeddings: Mapping[str, Embedding]) -> torch.Tensor:
    """`condition(...)` for who wants the tensor alone: `[prompts, 77 * chunks, width]`, no gradient."""
    return condition(model, prompts, embeddings).prompt_embeds
