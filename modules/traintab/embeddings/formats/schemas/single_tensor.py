"""One tensor under any key: kohya's `emb_params`, OneTrainer's `emp_params`, diffusers' token, or no key."""

from __future__ import annotations

from ..stored import Contents, StoredTensor, read_vectors
from ..untrusted import clean_text
from .metadata import read_metadata
from .output_vectors import check_input_vectors, without_outputs
from .parsed import EmbeddingFormat, Parsed, encoder_of_width

__all__ = ["EMB_PARAMS", "EMP_PARAMS", "parse_single_tensor"]

EMB_PARAMS = "emb_params"
EMP_PARAMS = "emp_params"
_FORMATS = {EMB_PARAMS: EmbeddingFormat.EMB_PARAMS, EMP_PARAMS: EmbeddingFormat.EMP_PARAMS}


def parse_single_tensor(contents: Contents) -> Parsed | None:
    """The embedding of a file with exactly one tensor, None when there is none or several. Raises Refusal.

    A tensor `<key>_out` beside `<key>` doesn't count.
    """
    tree, has_outputs = without_outputs(
        contents.tree if isinstance(contents.tree, dict) else {"": contents.tree}
    )
    tensors = [(key, value) for key, value in tree.items() if isinstance(value, StoredTensor)]
    if len(tensors) != 1:
        return None
    key, stored = tensors[0]
    vectors = {"": read_vectors(stored)}
    if has_outputs:
        check_input_vectors(vectors)
    named = {encoder_of_width(tensor.shape[1]): tensor for tensor in vectors.values()}
    layout = _FORMATS.get(str(key), EmbeddingFormat.DIFFUSERS)
    token = clean_text(key) if layout is EmbeddingFormat.DIFFUSERS else None
    return read_metadata(contents.metadata, Parsed(format=layout, vectors=named, inner_name=token))
