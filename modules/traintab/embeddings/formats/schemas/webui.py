"""A1111's dictionary: `string_to_param` with one tensor, and who made it."""

from __future__ import annotations

from ...card_text import COMMENT_KEY
from ..refusal import Refusal
from ..stored import Contents, ParameterDictRecord, StoredTensor, read_vectors
from ..untrusted import MAX_COMMENT, clean_count, clean_text
from .parsed import EmbeddingFormat, Parsed, encoder_of_width

__all__ = ["parse_webui"]


def parse_webui(contents: Contents) -> Parsed | None:
    """The embedding of A1111's dictionary, None when the file isn't one.

    The tensor's key is ignored. In old files it lies in a ParameterDict. Raises Refusal.
    """
    tree = contents.tree
    if not isinstance(tree, dict) or "string_to_param" not in tree:
        return None
    parameters = tree["string_to_param"]
    if isinstance(parameters, ParameterDictRecord):
        parameters = parameters.state.get("_parameters")
    values = list(parameters.values()) if isinstance(parameters, dict) else []
    if len(values) != 1 or not isinstance(values[0], StoredTensor):
        raise Refusal(
            f"string_to_param with {len(values)} entries",
            "exactly one tensor",
            "Export one embedding to a file of its own.",
        )
    vectors = read_vectors(values[0])
    return Parsed(
        format=EmbeddingFormat.WEBUI,
        vectors={encoder_of_width(vectors.shape[1]): vectors},
        step=clean_count(tree.get("step")),
        sd_checkpoint=clean_text(tree.get("sd_checkpoint")),
        sd_checkpoint_name=clean_text(tree.get("sd_checkpoint_name")),
        inner_name=clean_text(tree.get("name")),
        comment=clean_text(tree.get(COMMENT_KEY), MAX_COMMENT),
    )
