"""Names of tensors: from the layout of single files (ldm, sgm, OpenCLIP) to those of diffusers' modules.

The layouts hold the same layers in the same order; only the places are numbered otherwise.
"""

from __future__ import annotations

import re

__all__ = ["VAE_ATTENTION_PLACE", "open_clip_names", "unet_name", "vae_name", "without_old_words"]

VAE_ATTENTION_PLACE = ".mid_block.attentions."
# How diffusers called the attention's layers before 0.18.
_OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}

_RESNET = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
_UNET_OUTSIDE = {
    "input_blocks.0.0": "conv_in",
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
}
_MIDDLE = {"0": "resnets.0", "1": "attentions.0", "2": "resnets.1"}
_UNET_BLOCK = re.compile(r"(input|output)_blocks\.(\d+)\.([012])\.(.+)")
_VAE_BLOCK = re.compile(r"(encoder|decoder)\.(down|up)\.(\d+)\.(block|downsample|upsample)\.(.+)")
_VAE_ATTENTION = {"norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"}
_OPEN_CLIP_OUTSIDE = {
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
    "ln_final.weight": "text_model.final_layer_norm.weight",
    "ln_final.bias": "text_model.final_layer_norm.bias",
    "text_projection": "text_projection.weight",
    "text_projection.weight": "text_projection.weight",
}
_OPEN_CLIP_LAYER = re.compile(r"transformer\.resblocks\.(\d+)\.(.+)\.(weight|bias)")
_OPEN_CLIP_INNER = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
    "attn.out_proj": "self_attn.out_proj",
}
_JOINED = re.compile(r"transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)")


def unet_name(name: str, layers_per_block: int) -> str | None:
    """The name in a `UNet2DConditionModel`; `name` is without `model.diffusion_model.`. None if it has none.

    Example: with 2 layers a block `input_blocks.4.1.norm.bias` is `down_blocks.1.attentions.0.norm.bias`.
    """
    place, _, last = name.rpartition(".")
    if place in _UNET_OUTSIDE:
        return f"{_UNET_OUTSIDE[place]}.{last}"
    if name.startswith("middle_block."):
        number, _, inner = name.removeprefix("middle_block.").partition(".")
        return f"mid_block.{_MIDDLE[number]}.{_in_resnet(inner)}" if number in _MIDDLE else None
    match = _UNET_BLOCK.fullmatch(name)
    if match is None:
        return None
    side, index, kind, inner = match.groups()
    # The first input block is the first convolution; each downsampling has an input block of its own.
    position = int(index) - 1 if side == "input" else int(index)
    block, layer = divmod(position, layers_per_block + 1)
    where = f"{'down' if side == 'input' else 'up'}_blocks.{block}"
    if inner.startswith("op."):
        return f"{where}.downsamplers.0.conv.{last}"
    if inner.startswith("conv."):
        return f"{where}.upsamplers.0.conv.{last}"
    if kind == "0":
        return f"{where}.resnets.{layer}.{_in_resnet(inner)}"
    return f"{where}.attentions.{layer}.{inner}" if kind == "1" else None


def _in_resnet(inner: str) -> str:
    """The name within a resnet; that within an attention block stays as it is."""
    part, _, last = inner.rpartition(".")
    return f"{_RESNET[part]}.{last}" if part in _RESNET else inner


def vae_name(name: str, blocks: int) -> str | None:
    """The name in an `AutoencoderKL` of that many blocks; `name` is without `first_stage_model.`.

    The decoder's blocks are numbered from the other end. None for what isn't part of the VAE.
    """
    if name.startswith(("quant_conv.", "post_quant_conv.")):
        return name
    match = _VAE_BLOCK.fullmatch(name)
    if match is not None:
        side, direction, index, kind, inner = match.groups()
        position = int(index) if direction == "down" else blocks - 1 - int(index)
        where = f"{side}.{direction}_blocks.{position}"
        if kind != "block":
            return f"{where}.{kind}rs.0.{inner}"
        return f"{where}.resnets.{inner.replace('nin_shortcut', 'conv_shortcut')}"
    side, _, rest = name.partition(".")
    if side not in ("encoder", "decoder"):
        return None
    return _vae_middle(side, rest)


def _vae_middle(side: str, rest: str) -> str | None:
    part, _, last = rest.rpartition(".")
    if part in ("conv_in", "conv_out"):
        return f"{side}.{rest}"
    if part == "norm_out":
        return f"{side}.conv_norm_out.{last}"
    if rest.startswith(("mid.block_1.", "mid.block_2.")):
        number, inner = int(rest[len("mid.block_")]) - 1, rest[len("mid.block_1.") :]
        return f"{side}.mid_block.resnets.{number}.{inner.replace('nin_shortcut', 'conv_shortcut')}"
    attention = part.removeprefix("mid.attn_1.")
    if attention in _VAE_ATTENTION:
        return f"{side}.mid_block.attentions.0.{_VAE_ATTENTION[attention]}.{last}"
    return None


def open_clip_names(name: str) -> tuple[str, ...]:
    """The names in a `CLIPTextModel`; three where OpenCLIP holds query, key and value in one tensor.

    Empty for what isn't part of the text encoder.
    """
    if name in _OPEN_CLIP_OUTSIDE:
        return (_OPEN_CLIP_OUTSIDE[name],)
    match = _JOINED.fullmatch(name)
    if match is not None:
        where = f"text_model.encoder.layers.{match[1]}.self_attn"
        return tuple(f"{where}.{letter}_proj.{match[2]}" for letter in "qkv")
    match = _OPEN_CLIP_LAYER.fullmatch(name)
    if match is None or match[2] not in _OPEN_CLIP_INNER:
        return ()
    return (f"text_model.encoder.layers.{match[1]}.{_OPEN_CLIP_INNER[match[2]]}.{match[3]}",)


def without_old_words(name: str) -> str:
    """A weight's name in a VAE of diffusers, where it may be that of before 0.18."""
    if VAE_ATTENTION_PLACE not in name:
        return name
    place, layer, last = name.rsplit(".", 2)
    return f"{place}.{_OLD_ATTENTION[layer]}.{last}" if layer in _OLD_ATTENTION else name
