"""Cross Initialization (Pang et al., arXiv 2312.15905): start from what the text encoder makes of a word.

They found that textual inversion leads vectors towards the text encoder's outputs, and reached likeness in
fewer steps from there. Outputs are much longer than token vectors, so each is scaled back to its token's
length, which keeps the learning rate's meaning.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from ..models.text_encoder import TextEncoder

__all__ = ["cross_token_vectors"]


@torch.no_grad()
def cross_token_vectors(encoder: TextEncoder, text: str) -> torch.Tensor:
    """The text encoder's states at the tokens of `text`, each as long as its token's vector.

    float32 `[tokens, width]` on the CPU; the tokens beyond a chunk's 75 are left out, and an empty text
    gives none.
    """
    tokens = encoder.tokenize(text)[: encoder.max_content_tokens]
    own = encoder.token_vectors(text)[: len(tokens)]
    if not tokens:
        return own
    ids = [encoder.bos_id, *tokens, encoder.eos_id]
    ids += [encoder.pad_id] * (encoder.max_tokens - len(ids))
    states = encoder.forward(torch.tensor([ids])).states[0, 1 : 1 + len(tokens)]
    lengths = own.norm(dim=1, keepdim=True)
    scaled: torch.Tensor = functional.normalize(states.to("cpu", torch.float32), dim=1) * lengths
    return scaled
