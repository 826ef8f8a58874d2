"""One text encoder with its tokenizer, behind the few calls that the program needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import nn

from .transformers_adapter import Tokenizer, input_embeddings, last_hidden_state, max_positions

__all__ = ["TextEncoder", "encoder_name"]

_CLIP_H_WIDTH = 1024
_WORD_END = "</w>"


def encoder_name(width: int) -> str:
    """`clip_h` for SD2's OpenCLIP ViT-H (width 1024), else `clip_l`: the keys of an embedding's vectors."""
    return "clip_h" if width == _CLIP_H_WIDTH else "clip_l"


class TextEncoder:
    """A CLIP text model and its tokenizer; `name` is the key under which embeddings keep vectors for it."""

    def __init__(self, name: str, tokenizer: Tokenizer | Any, module: nn.Module) -> None:
        self.name = name
        self.tokenizer = tokenizer
        self.module = module

    @property
    def embedding_layer(self) -> nn.Embedding:
        """The frozen token table `[vocabulary, width]`; the place where vectors are injected."""
        return input_embeddings(self.module)

    @property
    def width(self) -> int:
        """Length of a token vector."""
        return int(self.embedding_layer.weight.shape[1])

    @property
    def device(self) -> torch.device:
        """Where the weights are now."""
        return self.embedding_layer.weight.device

    @cached_property
    def bos_id(self) -> int:
        """The token every chunk begins with."""
        return int(self.tokenizer.bos_token_id)

    @cached_property
    def eos_id(self) -> int:
        """The token that closes a chunk's content."""
        return int(self.tokenizer.eos_token_id)

    @cached_property
    def pad_id(self) -> int:
        """What follows the closing token up to the chunk's end; CLIP L repeats the closing token."""
        pad_id = self.tokenizer.pad_token_id
        return self.eos_id if pad_id is None else int(pad_id)

    @cached_property
    def max_tokens(self) -> int:
        """Places of a chunk, 77 in every CLIP."""
        return max_positions(self.module)

    @property
    def max_content_tokens(self) -> int:
        """Places of a chunk without its first and its closing token, 75 in every CLIP."""
        return self.max_tokens - 2

    def tokenize(self, text: str) -> list[int]:
        """Token ids of `text`, without the first and the closing token, not cut off."""
        return self.tokenize_all([text])[0]

    def tokenize_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text by one call of the tokenizer, which is faster than one each."""
        if not texts:
            return []
        # verbose=False: transformers warns about texts longer than 77 tokens, which we cut into chunks.
        batch = self.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [[int(token) for token in ids] for ids in batch.input_ids]

    def ends_word(self, token: int) -> bool:
        """Whether a token stands at the end of a word; the others go on with the token after them."""
        return str(self.tokenizer.convert_ids_to_tokens(token)).endswith(_WORD_END)

    def token_vectors(self, text: str) -> torch.Tensor:
        """The table's rows for the tokens of `text`: a float32 copy `[tokens, width]` on the CPU."""
        ids = torch.tensor(self.tokenize(text), dtype=torch.long, device=self.device)
        return self.embedding_layer.weight.detach()[ids].to("cpu", torch.float32, copy=True)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Token ids `[batch, 77]`, any device, to the last hidden state `[batch, 77, width]`."""
        return last_hidden_state(self.module, input_ids.to(self.device))
