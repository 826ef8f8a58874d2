"""One tensor under any key: kohya's `emb_params`, diffusers' placeholder token, or no key at all."""

from __future__ import annotations

from ..stored import Contents, StoredTensor, read_vectors
from ..untrusted import clean_text
from .metadata import read_metadata
from .parsed import EmbeddingFormat, Parsed, encoder_of_width

__all__ = ["EMB_PARAMS", "parse_single_tensor"]

EMB_PARAMS = "emb_params"


def parse_single_tensor(contents: Contents) -> Parsed | None:
    """The embedding of a file with exactly one tensor, None when there is none or several. Raises Refusal."""
    tree = contents.tree if isinstance(contents.tree, dict) else {"": contents.tree}
    tensors = [(key, value) for key, value in tree.items() if isinstance(value, StoredTensor)]
    if len(tensors) != 1:
        return None
    key, stored = tensors[0]
    vectors = read_vectors(stored)
    is_emb_params = key == EMB_PARAMS
    parsed = Parsed(
        format=EmbeddingFormat.EMB_PARAMS if is_emb_params else EmbeddingFormat.DIFFUSERS,
        vectors={encoder_of_width(vectors.shape[1]): vectors},
        inner_name=None if is_emb_params else clean_text(key),
    )
    return read_metadata(contents.metadata, parsed)
