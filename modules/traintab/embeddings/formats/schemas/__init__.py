"""Schemas: plain values and StoredTensors to checked vectors.

Belongs here: one file for each layout that programs write, and the line in the table below. A schema
answers None when the file isn't its own, and refuses when it is but can't be used.
"""

from __future__ import annotations

from collections.abc import Callable

from ..refusal import Refusal
from ..stored import Contents, StoredTensor
from ..untrusted import clean_text
from .encoder_keys import parse_encoder_keys
from .parsed import EmbeddingFormat, Parsed
from .single_tensor import parse_single_tensor
from .webui import parse_webui

__all__ = ["SCHEMAS", "EmbeddingFormat", "Parsed", "parse"]

SCHEMAS: tuple[Callable[[Contents], Parsed | None], ...] = (
    parse_webui,
    parse_encoder_keys,
    parse_single_tensor,
)


def parse(contents: Contents) -> Parsed:
    """The embedding by the first schema that knows the layout; Refusal when none does."""
    for schema in SCHEMAS:
        parsed = schema(contents)
        if parsed is not None:
            return parsed
    raise Refusal(
        _outline(contents.tree),
        "the vectors of one embedding",
        "If it is a LoRA or a checkpoint, it belongs in the models folder.",
    )


def _outline(tree: object) -> str:
    if not isinstance(tree, dict):
        return "no tensor"
    tensors = [str(key) for key, value in tree.items() if isinstance(value, StoredTensor)]
    names = clean_text(", ".join(tensors[:5]), 120) or "none"
    return f"{len(tensors)} tensors ({names}{', ...' if len(tensors) > 5 else ''})"
