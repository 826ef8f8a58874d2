"""What a file of weights is when it isn't a whole Stable Diffusion 1, 2 or XL: told by its tensors' names."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["foreign_kind"]

# Tried from the top: what a file of one kind may also hold comes after it.
_KINDS: tuple[tuple[str, str], ...] = (
    ("a checkpoint in a quantised format", r"\.(absmax|quant_map|scale_weight|weight_scale)$|scaled_fp8$"),
    (
        "a LoRA; put it into models/Lora and write <lora:name:1> into the prompt",
        r"^lora_(unet|te|prior)|\.lora_(up|down|A|B|mid)\b|lora_linear_layer|_lora\.(up|down)\.|\.hada_w\d|\.lokr_w\d|\.oft_",
    ),
    ("an embedding; put it into the embeddings folder", r"^(emb_params|clip_[lgh]|string_to_param\..*)$"),
    ("a hypernetwork", r"^\d+\.\d+\.linear"),
    ("a ControlNet", r"^control_model\.|^controlnet_|^lora_controlnet$|zero_convs\.\d"),
    ("an IP-Adapter", r"^(ip_adapter|image_proj)\."),
    ("a T2I adapter", r"^(adapter\.)?body\.\d+\.(block1|down_opt|in_conv)"),
    ("an AnimateDiff motion module", r"motion_modules\."),
    ("Chroma", r"distilled_guidance_layer\."),
    (
        "Flux",
        r"(^|\.)(double_blocks\.\d+\.img_attn|(double|single)_stream_modulation|single_transformer_blocks)",
    ),
    ("Stable Diffusion 3", r"(^|\.)(joint_blocks\.\d|transformer_blocks\.\d+\.norm1_context)"),
    ("Stable Cascade", r"clip_txt_mapper\.|\.channelwise\."),
    ("AuraFlow", r"(^|\.)double_layers\.\d"),
    ("Lumina or Z-Image", r"(^|\.)cap_embedder\."),
    ("Hunyuan Video", r"individual_token_refiner\."),
    ("LTX Video", r"(^|\.)patchify_proj\."),
    ("Qwen-Image", r"(^|\.)(transformer_blocks\.0\.img_mod|txt_in\.text_norm)"),
    ("Wan", r"(^|\.)(head\.modulation|blocks\.0\.cross_attn\.k)"),
    ("PixArt", r"(^|\.)(adaln_single|t_block\.1)\."),
    ("Kolors or another model with encoder_hid_proj", r"(^|\.)encoder_hid_proj\."),
    ("Playground v2.5", r"^edm_mean$"),
    ("Stable Diffusion unCLIP", r"^embedder\.model\.visual\.|^noise_augmentor\."),
)
_PARTS: tuple[tuple[str, str], ...] = (
    ("a UNet alone, without text encoder and VAE", r"(^|\.)input_blocks\.\d"),
    ("the UNet of a diffusers folder; give the whole folder", r"^(down_blocks|mid_block)\."),
    (
        "a VAE; put it into models/VAE",
        r"^((first_stage_model|vae)\.)?(encoder|decoder)\.(conv_in|mid|down|up)",
    ),
    ("a text encoder alone", r"(^|\.)(text_model\.|resblocks\.\d|encoder\.block\.\d+\.layer)"),
    ("an upscaler", r"^(model\.\d|conv_first|conv_body|body\.\d+\.rdb|layers\.\d+\.residual_group)"),
)


def foreign_kind(names: Iterable[str], *, parts: bool = False) -> str | None:
    """What a file with tensors of these names is, as the end of the sentence "it is …"; None if unknown.

    With `parts` also the parts of a Stable Diffusion, which a whole checkpoint holds too.
    """
    known = list(names)
    for kind, pattern in (*_KINDS, *_PARTS) if parts else _KINDS:
        search = re.compile(pattern).search
        if any(search(name) for name in known):
            return kind
    return None
