"""Names of a LoRA file's tensors: which layer of which part each belongs to, and what it is of it."""

from __future__ import annotations

import re
from typing import NamedTuple

from .single_file_names import unet_name

__all__ = ["LayerPiece", "layer_path", "layer_piece"]

# The tensors' last names, and ours: kohya's and LyCORIS', peft's, and two that diffusers wrote.
_PIECES = {
    "lora_down.weight": "down",
    "lora_up.weight": "up",
    "lora_mid.weight": "mid",
    "lora_A.weight": "down",
    "lora_B.weight": "up",
    "lora.down.weight": "down",
    "lora.up.weight": "up",
    "lora_linear_layer.down.weight": "down",
    "lora_linear_layer.up.weight": "up",
    "diff": "diff",
    "alpha": "alpha",
    **{f"hada_{name}": f"hada_{name}" for name in ("w1_a", "w1_b", "w2_a", "w2_b")},
    **{f"lokr_{name}": f"lokr_{name}" for name in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b")},
}
_NAME = re.compile(rf"(.+?)\.({'|'.join(re.escape(piece) for piece in _PIECES)})")
_PROCESSOR = re.compile(r"(.+)\.processor\.(to_[qkv]|to_out)_lora\.(down|up)\.weight")
_PARTS = (
    ("lora_unet_", "unet"),
    ("lora_te1_", "te1"),
    ("lora_te2_", "te2"),
    ("lora_te_", "te1"),
    ("unet_", "unet"),
    ("text_encoder_2_", "te2"),
    ("text_encoder_", "te1"),
)
_PEFT = "base_model_model_"
_TEXT_MODEL = "text_model_"
_LDM_BLOCK = re.compile(r"(input|output)_blocks_(\d+)_([012])_(.+)")
_LDM_MIDDLE = re.compile(r"middle_block_([012])_(.+)")
_LDM_RESNET = re.compile(r"(in_layers|emb_layers|out_layers)_(\d)")
_LDM_OUTSIDE = {
    "input_blocks_0_0": "input_blocks.0.0",
    "time_embed_0": "time_embed.0",
    "time_embed_2": "time_embed.2",
    "label_emb_0_0": "label_emb.0.0",
    "label_emb_0_2": "label_emb.0.2",
    "out_2": "out.2",
}


class LayerPiece(NamedTuple):
    """`part` is `unet`, `te1` or `te2`, `path` its layer with `_` for `.`, `piece` the tensor's role."""

    part: str
    path: str
    piece: str


def layer_piece(name: str, layers_per_block: int) -> LayerPiece | None:
    """What a tensor of this name is; None for what belongs to no layer or is of a kind we can't apply.

    `layers_per_block` is the UNet's, for names that count its blocks as single files do.
    """
    processor = _PROCESSOR.fullmatch(name)
    match = processor or _NAME.fullmatch(name)
    if match is None:
        return None
    if processor:
        layer = "to_out.0" if processor[2] == "to_out" else processor[2]
        written, piece = f"{processor[1]}.{layer}", processor[3]
    else:
        written, piece = match[1], _PIECES[match[2]]
    flat = written.replace(".", "_")
    for prefix, part in _PARTS:
        if flat.startswith(prefix):
            path = flat.removeprefix(prefix).removeprefix(_PEFT)
            path = _diffusers_path(path, layers_per_block) if part == "unet" else path
            return LayerPiece(part, path.removeprefix(_TEXT_MODEL), piece)
    return None


def layer_path(module_name: str) -> str:
    """The path of a module as `LayerPiece` has it; a text encoder's may begin with `text_model` or not."""
    return module_name.replace(".", "_").removeprefix(_TEXT_MODEL)


def _diffusers_path(path: str, layers_per_block: int) -> str:
    """`input_blocks_4_1_proj_in` is `down_blocks_1_attentions_0_proj_in`; other paths stay."""
    block, middle = _LDM_BLOCK.fullmatch(path), _LDM_MIDDLE.fullmatch(path)
    if block is not None:
        dotted = f"{block[1]}_blocks.{block[2]}.{block[3]}.{_dotted(block[4])}"
    elif middle is not None:
        dotted = f"middle_block.{middle[1]}.{_dotted(middle[2])}"
    else:
        dotted = _LDM_OUTSIDE.get(path, path)
    found = unet_name(f"{dotted}.weight", layers_per_block)
    return path if found is None else found.removesuffix(".weight").replace(".", "_")


def _dotted(inner: str) -> str:
    return _LDM_RESNET.sub(r"\1.\2", inner)
