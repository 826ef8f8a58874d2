"""A tensor for each text encoder, keyed by its name: SDXL's `clip_l` and `clip_g`, and other families'."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..refusal import Refusal
from ..stored import Contents, StoredTensor, read_vectors
from ..untrusted import clean_text
from .metadata import read_metadata
from .output_vectors import check_input_vectors, without_outputs
from .parsed import EmbeddingFormat, Parsed

__all__ = ["ENCODER_KEYS", "parse_encoder_keys"]

ENCODER_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "clip_l": "clip_l",
        "clip_g": "clip_g",
        "clip_h": "clip_h",
        "text_encoders_0": "clip_l",
        "text_encoders_1": "clip_g",
        "t5": "t5",
        "t5xxl": "t5",
        "llama": "llama",
        "gemma": "gemma",
    }
)
"""Key in a file to our name of the text encoder; `text_encoders_*` are diffusers' first SDXL trainings."""


def parse_encoder_keys(contents: Contents) -> Parsed | None:
    """The embedding of a file keyed by text encoders, None when it isn't one. Raises Refusal."""
    if not isinstance(contents.tree, dict) or ENCODER_KEYS.keys().isdisjoint(contents.tree):
        return None
    tree, has_outputs = without_outputs(contents.tree)
    tensors = {str(key): value for key, value in tree.items() if isinstance(value, StoredTensor)}
    unknown = [key for key in tensors if key not in ENCODER_KEYS]
    if unknown or not tensors:
        raise Refusal(
            f"a tensor for {clean_text(', '.join(unknown), 60)!r} beside those for text encoders",
            f"only {', '.join(ENCODER_KEYS)}",
        )
    vectors = {ENCODER_KEYS[key]: read_vectors(tensors[key]) for key in ENCODER_KEYS if key in tensors}
    if len(vectors) != len(tensors):
        raise Refusal(f"one text encoder under several names ({', '.join(tensors)})", "one tensor for each")
    rows = {encoder: tensor.shape[0] for encoder, tensor in vectors.items()}
    if len(set(rows.values())) != 1:
        raise Refusal(f"different numbers of vectors ({rows})", "as many vectors for each text encoder")
    if has_outputs:
        check_input_vectors(vectors)
    is_older = any(key.startswith("text_encoders_") for key in tensors)
    layout = EmbeddingFormat.TEXT_ENCODERS if is_older else EmbeddingFormat.ENCODERS
    return read_metadata(contents.metadata, Parsed(format=layout, vectors=vectors))
