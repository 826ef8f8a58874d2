"""A tensor for each text encoder, keyed by its name: SDXL's `clip_l` and `clip_g`."""

from __future__ import annotations

from ..refusal import Refusal
from ..stored import Contents, StoredTensor, read_vectors
from ..untrusted import clean_text
from .metadata import read_metadata
from .parsed import EmbeddingFormat, Parsed

__all__ = ["ENCODER_KEYS", "parse_encoder_keys"]

ENCODER_KEYS = ("clip_l", "clip_g", "clip_h")


def parse_encoder_keys(contents: Contents) -> Parsed | None:
    """The embedding of a file keyed by text encoders, None when it isn't one. Raises Refusal."""
    tree = contents.tree
    if not isinstance(tree, dict) or not any(key in tree for key in ENCODER_KEYS):
        return None
    tensors = {key: value for key, value in tree.items() if isinstance(value, StoredTensor)}
    unknown = [str(key) for key in tensors if key not in ENCODER_KEYS]
    if unknown or not tensors:
        raise Refusal(
            f"a tensor for {clean_text(', '.join(unknown), 60)!r} beside those for text encoders",
            f"only {', '.join(ENCODER_KEYS)}",
        )
    vectors = {key: read_vectors(tensors[key]) for key in ENCODER_KEYS if key in tensors}
    rows = {key: tensor.shape[0] for key, tensor in vectors.items()}
    if len(set(rows.values())) != 1:
        raise Refusal(f"different numbers of vectors ({rows})", "as many vectors for each text encoder")
    return read_metadata(contents.metadata, Parsed(format=EmbeddingFormat.ENCODERS, vectors=vectors))
