"""OneTrainer's output embeddings: keys that end in `_out`, beside those of the input.

They are added behind the text encoder, which no other program does; only the input's vectors are read.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ..refusal import Refusal

__all__ = ["OUTPUT_SUFFIX", "check_input_vectors", "without_outputs"]

OUTPUT_SUFFIX = "_out"


def without_outputs(tree: Mapping[object, object]) -> tuple[dict[object, object], bool]:
    """`tree` without each key `<key>_out` that stands beside its `<key>`, and whether there was one."""
    outputs = {
        key
        for key in tree
        if isinstance(key, str) and key.endswith(OUTPUT_SUFFIX) and key.removesuffix(OUTPUT_SUFFIX) in tree
    }
    return {key: value for key, value in tree.items() if key not in outputs}, bool(outputs)


def check_input_vectors(vectors: Mapping[str, torch.Tensor]) -> None:
    """Raises Refusal when the vectors beside output vectors are zero: the file holds the output alone."""
    if not any(bool(tensor.any()) for tensor in vectors.values()):
        raise Refusal(
            "an output embedding of OneTrainer, whose input vectors are all zero",
            "input vectors, the only ones that prompts can use",
            "Train it again without 'Output Embedding'.",
        )
