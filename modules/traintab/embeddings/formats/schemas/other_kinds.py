"""What a file is that holds no embedding, for the sentence that refuses it."""

from __future__ import annotations

from ..refusal import Refusal
from ..stored import StoredTensor
from ..untrusted import clean_text

__all__ = ["BUNDLE_PREFIX", "no_embedding"]

BUNDLE_PREFIX = "bundle_emb."
_MODELS_FOLDER = "It belongs in the models folder."
_LORA_MARKS = ("lora_", "lora.", "hada_", "lokr_", ".alpha", BUNDLE_PREFIX)
_CHECKPOINT_MARKS = (
    "model.diffusion_model.",
    "first_stage_model.",
    "cond_stage_model.",
    "down_blocks.",
    "text_model.",
    "encoder.",
    "decoder.",
)
_UNET_LAYERS = {"IN01", "MID", "OUT11"}
_MAX_KEYS_SEEN = 20_000


def no_embedding(tree: object) -> Refusal:
    """The refusal of a tree in which no schema found an embedding, by its right name where that is known."""
    keys = [str(key) for key in list(tree)[:_MAX_KEYS_SEEN]] if isinstance(tree, dict) else []
    bundled = sorted({key.split(".")[1] for key in keys if key.startswith(BUNDLE_PREFIX)})
    expected = "the vectors of one embedding"
    if bundled:
        names = clean_text(", ".join(bundled[:5]), 120)
        return Refusal(f"a LoRA that brings the embeddings {names}", expected, _MODELS_FOLDER)
    if any(mark in key for key in keys for mark in _LORA_MARKS):
        return Refusal("a LoRA", expected, _MODELS_FOLDER)
    if "state_dict" in keys or any(key.startswith(_CHECKPOINT_MARKS) for key in keys):
        return Refusal("a model or a part of one", expected, _MODELS_FOLDER)
    if "layer_structure" in keys:
        return Refusal("a hypernetwork", expected, _MODELS_FOLDER)
    if "optimizer_state_dict" in keys:
        return Refusal("the state of an optimizer", expected, "Open the file without .optim beside it.")
    if set(keys) >= _UNET_LAYERS:
        return Refusal(
            "an XTI embedding with vectors for each layer of the UNet",
            expected,
            "Only kohya's program uses it.",
        )
    return Refusal(
        _outline(tree), expected, "If it is a LoRA or a checkpoint, it belongs in the models folder."
    )


def _outline(tree: object) -> str:
    if not isinstance(tree, dict):
        return "no tensor"
    tensors = [str(key) for key, value in tree.items() if isinstance(value, StoredTensor)]
    names = clean_text(", ".join(tensors[:5]), 120) or "none"
    return f"{len(tensors)} tensors ({names}{', ...' if len(tensors) > 5 else ''})"
