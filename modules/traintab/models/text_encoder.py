"""One text encoder with its tokenizer, behind the few calls that the program needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import nn

from ..errors import ConfigError
from . import transformers_adapter
from .transformers_adapter import Tokenizer, input_embeddings, last_hidden_state, max_positions

__all__ = ["EncoderOutput", "OutputLayer", "TextEncoder", "encoder_names", "output_layers"]

_CLIP_H_WIDTH = 1024
_WORD_END = "</w>"


def encoder_names(widths: Sequence[int]) -> tuple[str, ...]:
    """The keys of an embedding's vectors for a model's text encoders, by their widths.

    Two are SDXL's, `clip_l` and `clip_g`; one of width 1024 is SD2's OpenCLIP ViT-H, `clip_h`; any other
    is `clip_l`.
    """
    if len(widths) > 1:
        return ("clip_l", "clip_g")
    return ("clip_h",) if tuple(widths) == (_CLIP_H_WIDTH,) else ("clip_l",)


class EncoderOutput(NamedTuple):
    """`states` `[batch, 77, width]`, and `pooled` `[batch, projection]` of encoders with a projection."""

    states: torch.Tensor
    pooled: torch.Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class OutputLayer:
    """Which of its layers a text encoder gives out.

    `skipped_layers` at the end are left out always; `final_norm` follows then. Only where
    `obeys_clip_skip` can the user leave out more: A1111's clip skip changes SD1 alone.
    """

    skipped_layers: int = 0
    final_norm: bool = True
    obeys_clip_skip: bool = True


def output_layers(names: Sequence[str]) -> tuple[OutputLayer, ...]:
    """What the text encoders of these names give out.

    SDXL's give the layer before the last as it is. SD2's lacks its last layer already, so that what is
    left out in training stays so; A1111 doesn't change that either.
    """
    if len(names) > 1:
        return (OutputLayer(skipped_layers=1, final_norm=False, obeys_clip_skip=False),) * len(names)
    return (OutputLayer(obeys_clip_skip=names[0] == "clip_l"),)


class TextEncoder:
    """A CLIP text model and its tokenizer; `name` is the key under which embeddings keep vectors for it."""

    def __init__(
        self,
        name: str,
        tokenizer: Tokenizer | Any,
        module: nn.Module,
        output_layer: OutputLayer = OutputLayer(),
    ) -> None:
        self.name = name
        self.tokenizer = tokenizer
        self.module = module
        self.output_layer = output_layer

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
        # Half of a character, which JSON can hold, is no text to it.
        whole = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        batch = self.tokenizer(whole, add_special_tokens=False, truncation=False, verbose=False)
        return [[int(token) for token in ids] for ids in batch.input_ids]

    def ends_word(self, token: int) -> bool:
        """Whether a token stands at the end of a word; the others go on with the token after them."""
        return str(self.tokenizer.convert_ids_to_tokens(token)).endswith(_WORD_END)

    def token_vectors(self, text: str) -> torch.Tensor:
        """The table's rows for the tokens of `text`: a float32 copy `[tokens, width]` on the CPU."""
        ids = torch.tensor(self.tokenize(text), dtype=torch.long, device=self.device)
        return self.embedding_layer.weight.detach()[ids].to("cpu", torch.float32, copy=True)

    def forward(self, input_ids: torch.Tensor, clip_skip: int = 1) -> EncoderOutput:
        """Token ids `[batch, 77]`, any device, to states `[batch, 77, width]` and the pooled output.

        `clip_skip` counts as A1111 does: 1 is the last layer, 2 the one before it. Raises ConfigError when
        the encoder hasn't that many layers.
        """
        ids = input_ids.to(self.device)
        skipped = self._skipped_layers(clip_skip)
        if skipped == 0 and self.output_layer.final_norm:
            states = last = last_hidden_state(self.module, ids)
        else:
            states, last = transformers_adapter.hidden_and_last(self.module, ids, skipped)
            if self.output_layer.final_norm:
                states = transformers_adapter.final_norm(self.module, states)
        return EncoderOutput(states, self._pooled(ids, last))

    def check_clip_skip(self, clip_skip: int) -> None:
        """Raise ConfigError when the encoder hasn't that many layers."""
        self._skipped_layers(clip_skip)

    def _skipped_layers(self, clip_skip: int) -> int:
        if not self.output_layer.obeys_clip_skip:
            return self.output_layer.skipped_layers
        layers = transformers_adapter.num_layers(self.module)
        if not 1 <= clip_skip <= layers:
            raise ConfigError(
                f"Clip skip is {clip_skip}, but the model's text encoder has {layers} layers; choose a number"
                f" from 1 to {layers}.",
                field="clip_skip",
            )
        return self.output_layer.skipped_layers + clip_skip - 1

    def _pooled(self, ids: torch.Tensor, last: torch.Tensor) -> torch.Tensor | None:
        """The projected state of the first closing token.

        Not the library's own: it looks for the largest id in old configs, which words that were added to
        the vocabulary would be.
        """
        projection = transformers_adapter.text_projection(self.module)
        if projection is None:
            return None
        places = (ids == self.eos_id).int().argmax(dim=-1)
        pooled: torch.Tensor = projection(last[torch.arange(len(ids), device=last.device), places])
        return pooled
