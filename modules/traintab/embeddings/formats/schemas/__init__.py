"""Schemas: plain values and StoredTensors to checked vectors.

Belongs here: one file for each layout that programs write, and the line in the table below. A schema
answers None when the file isn't its own, and refuses when it is but can't be used.
"""

from __future__ import annotations

from collections.abc import Callable

from ..stored import Contents
from .encoder_keys import parse_encoder_keys
from .other_kinds import no_embedding
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
    raise no_embedding(contents.tree)
