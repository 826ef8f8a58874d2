"""What is used of transformers: its types are narrowed and its versions' differences end here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Protocol

import torch
from torch import nn

__all__ = [
    "Tokenizer",
    "adafactor",
    "final_norm",
    "hidden_and_last",
    "input_embeddings",
    "last_hidden_state",
    "load_text_encoder",
    "load_tokenizer",
    "max_positions",
    "num_layers",
    "text_projection",
    "without_progress_bar",
]

_NO_WEIGHTS = "position_ids"  # a buffer that old versions save and expect


class Tokenizer(Protocol):
    """What is used of a CLIP tokenizer."""

    bos_token_id: int
    eos_token_id: int
    pad_token_id: int | None

    def __call__(self, text: Sequence[str], **options: Any) -> Any:
        """Texts to `input_ids`, a list of ints for each text."""

    def convert_ids_to_tokens(self, ids: int) -> str:
        """The vocabulary's entry for a token id."""

    def __len__(self) -> int:
        """Entries of the vocabulary: the id that an added token would get, 49408 in every CLIP."""

    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of token ids."""


def load_tokenizer(source: str, subfolder: str, *, local_files_only: bool) -> Tokenizer:
    """A tokenizer of a diffusers folder or hub id; SDXL has two.

    Always by `from_pretrained`: the constructor's `vocab_file=` and `merges_file=` are silently ignored by
    transformers 5. Raises what transformers raises (OSError, ValueError, KeyError).
    """
    from transformers import CLIPTokenizer

    tokenizer: Tokenizer = CLIPTokenizer.from_pretrained(
        source, subfolder=subfolder, local_files_only=local_files_only
    )
    return tokenizer


def load_text_encoder(
    source: str,
    subfolder: str,
    *,
    dtype: torch.dtype,
    local_files_only: bool,
    with_projection: bool = False,
    variant: str | None = None,
) -> nn.Module:
    """A `CLIPTextModel` of a diffusers folder or hub id; raises what transformers raises.

    SDXL's second one is a `CLIPTextModelWithProjection`, which gives the prompt as a whole too.
    The dtype is always passed: left out, transformers 4 gives float32 and 5 the file's own. Weights that
    the file lacks are a ValueError: transformers would draw them at random and only warn.
    """
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    model_class = CLIPTextModelWithProjection if with_projection else CLIPTextModel
    module: nn.Module
    with without_progress_bar() if local_files_only else nullcontext():
        module, info = model_class.from_pretrained(
            source,
            subfolder=subfolder,
            torch_dtype=dtype,
            local_files_only=local_files_only,
            output_loading_info=True,
            variant=variant,
        )
    missing = sorted(key for key in info["missing_keys"] if not key.endswith(_NO_WEIGHTS))
    if missing:
        raise ValueError(f"the file lacks {len(missing)} weights, {missing[0]} first")
    return module


@contextmanager
def without_progress_bar() -> Iterator[None]:
    """No bar for reading a file; a download keeps its own."""
    from transformers.utils import logging

    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()


def adafactor() -> Any:
    """The class of the Adafactor that guides mean, with a learning rate of its own choice or a given one."""
    from transformers.optimization import Adafactor

    return Adafactor


def input_embeddings(module: nn.Module) -> nn.Embedding:
    """The token table `[vocabulary, width]`; a method in every version, while the path to it moved."""
    table: nn.Embedding = module.get_input_embeddings()  # type: ignore[operator]
    return table


def last_hidden_state(module: nn.Module, input_ids: torch.Tensor) -> torch.Tensor:
    """`[batch, 77]` token ids to `[batch, 77, width]` after the final layer norm, in the module's dtype."""
    states: torch.Tensor = module(input_ids=input_ids).last_hidden_state
    return states


def hidden_and_last(
    module: nn.Module, input_ids: torch.Tensor, skipped_layers: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The states before the last `skipped_layers` layers, without the final norm, and `last_hidden_state`.

    Both are `[batch, 77, width]` for token ids `[batch, 77]`.
    """
    output = module(input_ids=input_ids, output_hidden_states=True)
    return output.hidden_states[-1 - skipped_layers], output.last_hidden_state


def final_norm(module: nn.Module, states: torch.Tensor) -> torch.Tensor:
    """The layer norm that follows the last layer, applied to `[batch, 77, width]`."""
    # transformers 5 has no `text_model` in a CLIPTextModel any more, but one in a model with projection.
    text_model: Any = getattr(module, "text_model", module)
    normed: torch.Tensor = text_model.final_layer_norm(states)
    return normed


def text_projection(module: nn.Module) -> nn.Module | None:
    """What turns one token's state into the prompt's as a whole; None in encoders that lack it."""
    projection: nn.Module | None = getattr(module, "text_projection", None)
    return projection


def num_layers(module: nn.Module) -> int:
    """Transformer layers, 12 in CLIP L."""
    return int(module.config.num_hidden_layers)  # type: ignore[union-attr, arg-type]


def max_positions(module: nn.Module) -> int:
    """Places of a chunk, the closing token's included: 77 in every CLIP."""
    return int(module.config.max_position_embeddings)  # type: ignore[union-attr, arg-type]
