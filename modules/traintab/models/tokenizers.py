"""A model's tokenizers alone: enough to divide prompts as it does, in a moment and without its weights."""

from __future__ import annotations

from functools import cached_property

from torch import nn

from ..errors import ModelError
from .discovery import Checkpoint
from .facts import widths_of
from .loading import check_files
from .parts import load_folder_tokenizers
from .single_file import TOKENIZER_DIR
from .single_file_adapter import make_tokenizer
from .text_encoder import TextEncoder
from .transformers_adapter import Tokenizer

__all__ = ["load_tokenizers"]

_CLIP_PLACES = 77


class _WithoutWeights(TextEncoder):
    """A text encoder of which the tokenizer is there: prompts can be divided into tokens, not encoded."""

    def __init__(self, name: str, tokenizer: Tokenizer) -> None:
        super().__init__(name, tokenizer, nn.Identity())

    @cached_property
    def max_tokens(self) -> int:
        """Places of a chunk in every CLIP."""
        return _CLIP_PLACES


def load_tokenizers(checkpoint: Checkpoint) -> tuple[TextEncoder, ...]:
    """The model's text encoders without their weights, in their order; raises ModelError."""
    check_files(checkpoint)
    names = tuple(widths_of(checkpoint))
    if checkpoint.kind != "file":
        tokenizers = load_folder_tokenizers(checkpoint)
    else:
        tokenizers = tuple(_of_single_file() for _ in names)
    if len(tokenizers) != len(names):
        raise ModelError(
            f"The model {checkpoint.name} has {len(names)} text encoders and {len(tokenizers)} tokenizers;"
            " copy or download it again."
        )
    return tuple(_WithoutWeights(name, own) for name, own in zip(names, tokenizers, strict=True))


def _of_single_file() -> Tokenizer:
    """Files have none: every CLIP's words are the same, and what fills up a chunk doesn't matter here."""
    return make_tokenizer(TOKENIZER_DIR, pad_token="<|endoftext|>")
